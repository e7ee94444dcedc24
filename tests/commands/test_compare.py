"""`python -m tf_varmixup.compare`."""

import csv
import json
import resource
import subprocess
import sys

import pytest

from tf_varmixup.commands.compare import main
from tf_varmixup.corruptions import BENCHMARK
from tf_varmixup.report import comparison_page

HEADER = "corruption,severity,accuracy,error,ece,nll"
OUTPUTS = {
    "comparison.json",
    "comparison.md",
    "report.html",
    *(
        f"{name}.{ending}"
        for name in ("results", "differences", "by_corruption")
        for ending in ("csv", "tex")
    ),
}


@pytest.fixture
def folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for method, accuracy in (("erm", 0.5), ("mixup", 0.75)):
        for seed in range(2):
            folder = tmp_path / f"{method}-{seed}"
            folder.mkdir()
            config = {"dataset": "digits", "method": method, "seed": seed, "epochs": 3}
            own = accuracy + seed / 100
            metrics = {
                "clean": {"accuracy": own, "nll": 1 - own},
                "corrupted": {"accuracy": own / 2},
            }
            (folder / "config.json").write_text(json.dumps(config))
            (folder / "metrics.json").write_text(json.dumps(metrics))
            rows = [f"{name},1,{own / 2},{1 - own / 2},0.1,1.0" for name in BENCHMARK]
            (folder / "corruptions.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    return ["erm-0", "erm-1", "mixup-0", "mixup-1"]


def refused(capsys, *arguments):
    with pytest.raises(SystemExit) as stopped:
        main([*arguments])
    line = capsys.readouterr().err
    assert stopped.value.code == 2
    assert line.strip().count("\n") == 0, line
    return line


def test_a_comparison_is_written_and_written_again(folders, tmp_path, capsys, monkeypatch):
    config = json.loads((tmp_path / "mixup-1" / "config.json").read_text())
    (tmp_path / "mixup-1" / "config.json").write_text(json.dumps({**config, "epochs": 7}))
    main([*folders, "--output", "out"])
    assert {path.name for path in (tmp_path / "out").iterdir()} - {"figures"} == OUTPUTS
    printed = capsys.readouterr().out
    assert "mixup-1 is not compared: epochs 7 instead of 3" in printed
    assert "- `mixup-1`: epochs 7 instead of 3" in (tmp_path / "out" / "comparison.md").read_text()
    page = (tmp_path / "out" / "report.html").read_text()
    assert "Not compared: mixup-1 (epochs 7 instead of 3)." in page
    assert "Differences to erm" in page
    facts = json.loads((tmp_path / "out" / "comparison.json").read_text())
    assert facts["baseline"] == "erm"
    assert [row["runs"] for row in facts["rows"]] == [["erm-0", "erm-1"], ["mixup-0"]]
    assert facts["not_compared"] == [{"run": "mixup-1", "reason": "epochs 7 instead of 3"}]
    before = (tmp_path / "out" / "results.csv").read_bytes()
    monkeypatch.setattr(comparison_page, "write_comparison", lambda *_: None)
    main([*folders, "--output", "out"])
    assert (tmp_path / "out" / "results.csv").read_bytes() == before
    line = refused(capsys, *folders, "--output", "out", "--level", "0.9")
    assert "holds one with other level" in line


def test_what_the_former_comparison_had_and_this_one_has_not_is_gone(
    folders, tmp_path, monkeypatch
):
    monkeypatch.setattr(comparison_page, "write_comparison", lambda *_: None)
    main([*folders, "--output", "out"])
    output = tmp_path / "out"
    (output / "figures").mkdir(exist_ok=True)
    for name in ("mixup_minus_erm.png", "severity.png", "mine.png"):
        (output / "figures" / name).write_text("old")
    (output / "mine.csv").write_text("mine")
    for name in ("erm-0", "erm-1"):
        config = json.loads((tmp_path / name / "config.json").read_text())
        (tmp_path / name / "config.json").write_text(json.dumps({**config, "method": "cutmix"}))
    main([*folders, "--output", "out"])
    assert json.loads((output / "comparison.json").read_text())["baseline"] is None
    assert not (output / "differences.csv").exists()
    assert [path.name for path in (output / "figures").iterdir()] == ["mine.png"]
    assert (output / "results.csv").exists()
    assert (output / "mine.csv").exists()


@pytest.fixture
def _no_page(monkeypatch):
    """Spare the plots, which take seconds."""
    monkeypatch.setattr(comparison_page, "write_comparison", lambda *_: None)


@pytest.mark.usefixtures("_no_page")
def test_results_from_elsewhere_have_corrupted_accuracy_and_errors(folders, tmp_path):
    lines = ["corruption,severity,error", *(f"{name},1,0.375" for name in BENCHMARK)]
    (tmp_path / "theirs.csv").write_text("\n".join(lines))
    main([*folders[:1], "--external", "Theirs=theirs.csv", "--output", "out"])
    with (tmp_path / "out" / "results.csv").open(newline="") as file:
        ours, theirs = csv.DictReader(file)
    assert (ours["method"], ours["corrupted.accuracy"], ours["corrupted.mce"]) == (
        "erm",
        "0.25",
        "1.0",
    )
    assert (theirs["method"], theirs["corrupted.accuracy"]) == ("Theirs", "0.625")
    assert float(theirs["corrupted.mce"]) == 0.5
    assert theirs["clean.accuracy"] == theirs["seeds"] == ""


@pytest.mark.usefixtures("_no_page")
def test_a_baseline_may_be_a_run_that_is_not_listed_and_columns_are_chosen(folders, tmp_path):
    columns = "clean.nll, clean.error"
    main([*folders[:2], "--baseline", "mixup-1", "--columns", columns, "--output", "out"])
    with (tmp_path / "out" / "differences.csv").open(newline="") as file:
        [row] = csv.DictReader(file)
    assert list(row)[:4] == ["method", "paired seeds", "clean.nll", "clean.error"]
    assert row["method"] == "erm"
    assert float(row["clean.nll"]) == pytest.approx(0.25)


def test_bad_input(folders, tmp_path, capsys):
    output = ["--output", "out"]
    assert "nowhere, which does not exist" in refused(capsys, "nowhere", *output)
    assert "Did you mean 'erm'?" in refused(capsys, *folders, "--baseline", "emr", *output)
    line = refused(capsys, *folders, "--columns", "clean.nl", *output)
    assert "Did you mean 'clean.nll'?" in line
    assert "expected NAME=FILE.csv" in refused(capsys, *folders, "--external", "a.csv", *output)
    assert "a.csv" in refused(capsys, *folders, "--external", "A=a.csv", *output)
    assert "between 0 and 1" in refused(capsys, *folders, "--level", "1", *output)
    assert "required: --output" in refused(capsys, *folders)
    assert "Did you mean '--baseline'?" in refused(capsys, *folders, "--basline", "a", *output)
    assert not (tmp_path / "out").exists()
    assert "which holds other files" in refused(capsys, *folders, "--output", "erm-0")
    assert "which is a file" in refused(capsys, *folders, "--output", "erm-0/config.json")
    assert sorted(path.name for path in (tmp_path / "erm-0").iterdir()) == [
        "config.json",
        "corruptions.csv",
        "metrics.json",
    ]


def test_help_answers_within_two_seconds():
    def processor_time():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    before = processor_time()
    command = [sys.executable, "-m", "tf_varmixup.compare", "--help"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert processor_time() - before < 2.0
    assert done.returncode == 0
    assert "--external NAME=FILE.csv" in done.stdout
