import csv

import numpy as np
import pytest

from tf_varmixup.evaluation import GridCell, cell_row, write_cells

CELL = GridCell(
    "fog", 3, np.log([[0.8, 0.2], [0.8, 0.2], [0.8, 0.2], [0.8, 0.2]]), np.array([0, 0, 0, 1])
)


def test_row_by_hand():
    expected = {
        "accuracy": 0.75,
        "error": 0.25,
        "ece": 0.05,
        "nll": -(3 * np.log(0.8) + np.log(0.2)) / 4,
        "brier": (3 * 2 * 0.2**2 + 2 * 0.8**2) / 4,
    }
    assert cell_row(CELL) == {
        "corruption": "fog",
        "severity": 3,
        **{name: pytest.approx(value) for name, value in expected.items()},
    }


def test_the_file_reads_back(tmp_path):
    other = GridCell("snow", 1, CELL.logits, np.zeros(4, int))
    write_cells(tmp_path / "corruptions.csv", [cell_row(CELL), cell_row(other)])
    text = (tmp_path / "corruptions.csv").read_bytes().decode()
    assert text.splitlines()[0] == "corruption,severity,accuracy,error,ece,nll,brier"
    rows = list(csv.DictReader(text.splitlines()))
    assert [(row["corruption"], row["severity"]) for row in rows] == [("fog", "3"), ("snow", "1")]
    assert float(rows[0]["ece"]) == cell_row(CELL)["ece"]
    assert float(rows[1]["accuracy"]) == 1


def test_rows_with_other_columns_are_refused_before_the_file_is_touched(tmp_path):
    (tmp_path / "kept.csv").write_text("kept")
    words = r"Expected rows with the columns .*error, ece, nll, brier. Received: corruption"
    with pytest.raises(ValueError, match=words):
        write_cells(tmp_path / "kept.csv", [{"corruption": "fog"}])
    assert (tmp_path / "kept.csv").read_text() == "kept"
