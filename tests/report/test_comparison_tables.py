"""The tables of a comparison, its columns and its notes."""

import io
import pathlib

import pytest
import rich.console

from tf_varmixup.metrics import metric_sections
from tf_varmixup.report.comparison_columns import default_columns, named_columns
from tf_varmixup.report.comparison_tables import comparison_tables
from tf_varmixup.report.table_markdown import to_markdown
from tf_varmixup.report.table_terminal import to_terminal
from tf_varmixup.run import FinishedRun, compare_runs


def run(method, seed, accuracy, gap=0.01, cells=(), intervals=None):
    metrics = {"clean": {"accuracy": accuracy, "signed_gap": gap}, "ood.svhn": {"accuracy": 0.1}}
    metrics |= {} if intervals is None else {"intervals": intervals}
    return FinishedRun(
        pathlib.Path("runs", f"{method}-{seed}"), {"method": method, "seed": seed}, metrics, cells
    )


def tables_of(runs, columns=None):
    sections = [metric_sections(one.metrics) for one in runs]
    found = default_columns(sections) if columns is None else named_columns(columns, sections)
    return comparison_tables(compare_runs(runs), found)


def rows(table):
    return [
        [one.strip() for one in line.split("|")[1:-1]]
        for line in to_markdown(table).splitlines()[2:]
    ]


def test_the_best_of_a_column_is_bold_and_differences_have_intervals():
    runs = [run("erm", seed, 0.5 + seed / 100, -0.02) for seed in range(3)]
    runs += [run("mixup", seed, 0.6 + seed / 100 + (seed == 2) / 1000, 0.03) for seed in range(3)]
    found = tables_of(runs, ["clean.accuracy", "clean.error", "clean.signed_gap"])
    assert list(found) == ["results", "differences"]
    # Nearest to 0 is the best signed gap.
    assert rows(found["results"]) == [
        ["erm", "3", "51.00 ± 1.00", "49.00 ± 1.00", "**-2.00** ± 0.00"],
        ["mixup", "3", "**61.03** ± 1.05", "**38.97** ± 1.05", "3.00 ± 0.00"],
    ]
    # 10, 10 and 10.1 points: 10.0333 +- 4.3027 * 0.057735 / sqrt(3) = 0.1434.
    assert rows(found["differences"]) == [
        [
            "mixup",
            "3",
            "+10.03<br>[+9.89, +10.18]",
            "-10.03<br>[-10.18, -9.89]",
            "+5.00<br>[+5.00, +5.00]",
        ]
    ]
    notes = " ".join(found["results"].notes)
    assert "Mean ± standard deviation" in notes
    assert "Bold: better than every other row, where the 95 % intervals" in notes
    assert "Student's 95 % interval" in found["differences"].notes[0]


def test_single_seeds_have_their_own_intervals_and_nothing_is_bold():
    intervals = {"clean": {"accuracy": [0.45, 0.55]}}
    found = tables_of([run("erm", 0, 0.5, intervals=intervals), run("mixup", 0, 0.9)])
    assert rows(found["results"])[0][2:4] == ["50.00<br>[45.00, 55.00]", "1.00"]
    assert "**" not in to_markdown(found["results"])
    assert found["results"].notes[:2] == (
        "One seed each: nothing about the methods follows from these numbers.",
        "In brackets: a single run's own interval over its test images.",
    )
    assert rows(found["differences"])[0][2] == "+40.00"
    [note] = found["differences"].notes
    assert "has no interval" in note


def test_without_a_baseline_there_are_no_differences():
    assert list(tables_of([run("mixup", 0, 0.5), run("cutmix", 0, 0.5)])) == ["results"]
    assert list(tables_of([run("erm", 0, 0.5)])) == ["results"]


def test_accuracy_by_corruption_is_the_mean_over_severities():
    def cells(*accuracies):
        names = (("fog", 1), ("fog", 5), ("spatter", 3))
        return [
            {"corruption": name, "severity": severity, "accuracy": one, "error": 1 - one}
            for (name, severity), one in zip(names, accuracies, strict=True)
        ]

    runs = [
        run("erm", 0, 0.5, cells=cells(0.8, 0.2, 0.1)),
        run("erm", 1, 0.5, cells=cells(0.8, 0.4, 0.1)),
    ]
    runs += [run("mixup", 1, 0.5, cells=cells(0.4, 0.0, 0.3)), run("cutmix", 0, 0.5)]
    table = tables_of(runs)["by_corruption"]
    assert [column.heading for column in table.columns] == ["erm", "mixup"]
    assert rows(table) == [["fog", "55.00 ± 7.07", "20.00"], ["spatter", "10.00 ± 0.00", "30.00"]]
    assert "Not part of the mean over corruptions: spatter." in table.notes


def test_columns_are_named_by_section_and_metric():
    sections = [metric_sections(run("erm", 0, 0.5).metrics)]
    keys = ["ood.svhn.accuracy", "clean.error"]
    assert [one.key for one in named_columns(keys, sections)] == keys
    with pytest.raises(
        ValueError, match=r"Received: 'clean\.acuracy'\. Did you mean 'clean\.accuracy'\?"
    ):
        named_columns(["clean.acuracy"], sections)
    with pytest.raises(ValueError, match=r"Received: 'ece'\. There are clean\.accuracy, "):
        named_columns(["ece"], sections)
    with pytest.raises(ValueError, match="columns that differ"):
        named_columns(["clean.error"] * 2, sections)


def test_columns_of_other_calibrations_are_no_default():
    sections = {
        "clean": {"nll": 0.5},
        "clean_after_vector_scaling": {"nll": 0.4},
        "new": {"x": 1.0},
    }
    assert [one.key for one in default_columns([sections])] == ["clean.nll", "new.x"]
    named = named_columns(["clean_after_vector_scaling.nll"], [sections])
    assert named[0].measure.title == "NLL"


def test_how_a_search_was_made_is_a_column_where_runs_differ_in_it():
    sections = [{"adversarial.pgd": {"accuracy": 0.5, "radius": 0.1, "steps": n}} for n in (5, 9)]
    keys = [one.key for one in default_columns(sections)]
    assert keys == ["adversarial.pgd.accuracy", "adversarial.pgd.steps"]


def test_names_of_rows_are_read_in_a_terminal_of_80_columns():
    names = ("accuracy", "nll", "ece", "brier")
    metrics = {section: dict.fromkeys(names, 0.5) for section in ("clean", "corrupted")}
    metrics["intervals"] = {section: {name: [0.25, 0.75] for name in names} for section in metrics}
    one = FinishedRun(pathlib.Path("run"), {"method": "label_smoothing", "seed": 0}, metrics)
    console = rich.console.Console(width=80, file=io.StringIO())
    console.print(to_terminal(tables_of([one])["results"]))
    printed = console.file.getvalue()
    first_column = "".join(line[1:].split("│")[0].strip() for line in printed.splitlines())
    assert "label_smoothing" in first_column
    assert "[25.00, 75.00]" in printed
    assert "…" not in printed
