"""mCE and relative mCE, and the files that they are read from."""

import json

import numpy as np
import pytest

from tf_varmixup.corruptions import BENCHMARK
from tf_varmixup.evaluation import (
    GridCell,
    cell_row,
    corruption_errors,
    read_clean_error,
    read_rows,
    write_cells,
)

ROWS = [
    {"corruption": name, "severity": severity, "error": error}
    for name, errors in (("fog", (0.1, 0.3)), ("snow", (0.2, 0.4)))
    for severity, error in zip((1, 5), errors, strict=True)
]
BASELINE = [
    {"corruption": name, "severity": severity, "error": error}
    for name, errors in (("fog", (0.2, 0.6)), ("snow", (0.2, 0.2)))
    for severity, error in zip((1, 5), errors, strict=True)
]


def test_by_hand():
    found = corruption_errors(ROWS, BASELINE, 0.05, 0.1)
    # Ratios of sums: .4 / .8 and .6 / .4; less the clean errors: .3 / .6 and .5 / .2
    assert found == {"mce": pytest.approx(1.0), "relative_mce": pytest.approx(1.5)}
    assert list(corruption_errors(ROWS, BASELINE, 0.05)) == ["mce"]
    assert corruption_errors(ROWS, ROWS, 0.05, 0.05) == {
        "mce": pytest.approx(1.0),
        "relative_mce": pytest.approx(1.0),
    }


def test_only_the_benchmark_counts_and_a_baseline_may_have_more():
    validation = {"corruption": "speckle_noise", "severity": 1, "error": 0.9}
    more = {"corruption": "frost", "severity": 3, "error": 0.9}
    found = corruption_errors([*ROWS, validation], [*BASELINE, more])
    assert found == corruption_errors(ROWS, BASELINE)


def test_a_baseline_without_errors_gives_no_number():
    none = [{**row, "error": 0.0} for row in BASELINE]
    assert np.isnan(corruption_errors(ROWS, none)["mce"])
    assert np.isnan(corruption_errors(ROWS, BASELINE, 0.1, 0.5)["relative_mce"])


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(ValueError, match=r"Received: one without fog 5, snow 5\."):
        corruption_errors(ROWS, [row for row in BASELINE if row["severity"] == 1])
    with pytest.raises(ValueError, match="benchmark's corruptions"):
        corruption_errors([{"corruption": "spatter", "severity": 1, "error": 0.5}], BASELINE)


@pytest.fixture
def file(tmp_path):
    def write(*lines, header="corruption,severity,error"):
        path = tmp_path / "other.csv"
        path.write_text("\n".join([header, *lines]) + "\n")
        return path

    return write


def test_a_run_and_a_file_of_another_origin_are_read(tmp_path, file):
    cells = [
        GridCell(name, severity, np.log([[0.8, 0.2], [0.4, 0.6]]), np.array([0, 0]))
        for name in BENCHMARK
        for severity in (1, 5)
    ]
    run = tmp_path / "run"
    run.mkdir()
    write_cells(run / "corruptions.csv", [cell_row(cell) for cell in cells])
    (run / "metrics.json").write_text(json.dumps({"clean": {"accuracy": 0.75}}))
    rows = read_rows(run)
    assert rows == [cell_row(cell) for cell in cells]
    assert read_clean_error(run) == 0.25
    path = file("Clean,,0.1", "Gaussian Noise, 1, 0.25", "", "jpeg-compression,1.0,0.5")
    assert read_rows(path) == [
        {"corruption": "gaussian_noise", "severity": 1, "accuracy": 0.75, "error": 0.25},
        {"corruption": "jpeg_compression", "severity": 1, "accuracy": 0.5, "error": 0.5},
    ]
    assert read_clean_error(path) == 0.1
    assert read_clean_error(file("fog,1,0.5")) is None


def test_files_of_earlier_versions_are_read(request):
    results = request.path.parents[2] / "results"
    for path in sorted(results.glob("*/corruptions.csv")):
        rows = read_rows(path.parent)
        assert corruption_errors(rows, rows)["mce"] == pytest.approx(1.0)
        assert read_clean_error(path.parent) is not None


def test_a_column_that_is_there_twice_is_refused(tmp_path):
    path = tmp_path / "other.csv"
    path.write_text("corruption,severity,error,error\nfog,1,0.2,0.9\n")
    with pytest.raises(ValueError, match="each column once"):
        read_rows(path)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ((), "a row per corruption and severity. Received: none"),
        (("fog,1,0.5", "fog,1,0.5"), "each cell once. Received: fog 1 twice"),
        (("fog,1,0.5", "fog,2,0.5", "snow,1,0.5"), "Received: no snow 2"),
        (("fog,1,25.5",), "looks like percent: divide by 100"),
        (("fog,1,nan",), r"line 2 of .* a share in \[0, 1\]. Received: 'nan'"),
        (("fog,1,-0.1",), r"a share in \[0, 1\]. Received: '-0.1'"),
        (("fog,1,",), "a share"),
        (("fog,6,0.5",), "severity 1 to 5. Received: '6'"),
        (("fog,1.5,0.5",), "severity 1 to 5"),
        (("fogg,1,0.5",), "Did you mean 'fog'"),
        (("mean,1,0.5",), "of a corruption of the benchmark"),
        (("fog,1",), "line 2 of .* to have 3 values. Received: 2"),
    ],
    ids=str,
)
def test_a_file_that_does_not_fit_is_refused_in_one_line(file, lines, words):
    path = file(*lines)
    with pytest.raises(ValueError, match=words) as raised:
        read_rows(path)
    assert "\n" not in str(raised.value)
    assert "other.csv" in str(raised.value)


def test_columns_that_are_missing_or_contradict_each_other_are_refused(file, tmp_path):
    with pytest.raises(ValueError, match="columns corruption, severity, and error or accuracy"):
        read_rows(file("fog,1,0.5", header="corruption,severity,ece"))
    with pytest.raises(ValueError, match=r"sum to 1. Received: 0.5 and 0.4"):
        read_rows(file("fog,1,0.5,0.4", header="corruption,severity,accuracy,error"))
    with pytest.raises(FileNotFoundError, match="does not exist"):
        read_rows(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match="not measured under corruptions"):
        read_rows(tmp_path)
    (tmp_path / "image.png").write_bytes(b"\x89PNG\xff")
    with pytest.raises(ValueError, match="text in UTF-8"):
        read_rows(tmp_path / "image.png")
