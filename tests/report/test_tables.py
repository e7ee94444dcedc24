import io

import pytest
from rich.console import Console

from tf_varmixup.report import markdown_table, results_table


def section(accuracy, ece=0.0, signed_gap=0.0, nll=0.0):
    return {
        "accuracy": accuracy,
        "ece": ece,
        "signed_gap": signed_gap,
        "nll": nll,
        "brier": 0.0,
        "overconfidence_error": 0.0,
    }


def run(method, seed, clean, **config):
    metrics = {
        "clean": clean,
        "corrupted": section(0.7, 0.2, 0.19, 1.25),
        "clean_after_temperature": section(0.9, 0.011),
        "corrupted_after_temperature": section(0.7, 0.1),
        "temperature": 1.5,
    }
    return {"method": method, "seed": seed, **config}, metrics


def printed(table):
    console = Console(file=io.StringIO(), width=120)
    console.print(table)
    return console.file.getvalue()


def entries(text):
    return [[entry.strip() for entry in line.strip("|").split("|")] for line in text.splitlines()]


def test_results_table_writes_out_the_figures():
    metrics = {
        "clean": section(0.9137, 0.0423, nll=0.31249),
        "clean_after_temperature": section(0.9137, 0.0111, nll=0.25),
        "corrupted": section(0.7, 0.2, nll=1.25),
        "corrupted_after_temperature": section(0.7, 0.1, nll=1.0),
        "temperature": 1.456,
    }
    rows = [
        [part.strip() for part in line.split("│")[1:-1]]
        for line in printed(results_table(metrics)).splitlines()
        if "│" in line
    ]
    assert rows == [
        ["clean", "91.37 %", "8.63 %", "4.23 %", "0.312"],
        ["clean, at temperature 1.46", "91.37 %", "8.63 %", "1.11 %", "0.250"],
        ["corrupted", "70.00 %", "30.00 %", "20.00 %", "1.250"],
        ["corrupted, at temperature 1.46", "70.00 %", "30.00 %", "10.00 %", "1.000"],
    ]


def test_results_table_without_corruptions():
    assert results_table({"clean": section(0.5)}).row_count == 1


def test_markdown_table_gives_mean_and_sample_standard_deviation():
    runs = [
        run("mixup", seed, section(accuracy, 0.05, -0.02, 0.4))
        for seed, accuracy in ((2, 0.92), (0, 0.90), (1, 0.91))
    ]
    table = entries(markdown_table([*runs, run("erm", 0, section(0.5, 0.125, 0.01, 2.0))]))
    assert table[0] == [
        "Method",
        "Seeds",
        "Accuracy clean, %",
        "Accuracy corrupted, %",
        "ECE clean, %",
        "ECE corrupted, %",
        "Signed gap clean, %",
        "Signed gap corrupted, %",
        "ECE clean, after T, %",
        "ECE corrupted, after T, %",
        "NLL clean",
        "NLL corrupted",
    ]
    # Deviations -1, 0, 1 percentage points: the sample variance is 2 / (3 - 1) = 1.
    assert table[2][:5] == ["mixup", "3", "91.00 ± 1.00", "70.00 ± 0.00", "5.00 ± 0.00"]
    assert table[2][6] == "-2.00 ± 0.00" and table[2][10] == "0.400 ± 0.000"
    assert table[3] == [
        "erm",
        "1",
        "50.00",
        "70.00",
        "12.50",
        "20.00",
        "1.00",
        "19.00",
        "1.10",
        "10.00",
        "2.000",
        "1.250",
    ]
    assert {len(row) for row in table} == {12}


def test_figures_that_a_run_lacks_are_dashes():
    with_corruptions, without = run("erm", 0, section(0.5)), run("erm", 1, section(0.7))
    del without[1]["corrupted"]
    row = entries(markdown_table([with_corruptions, without]))[2]
    assert row[2] == "60.00 ± 14.14"  # sqrt(0.1² + 0.1²) = 0.1414
    assert row[3] == row[5] == "–"


def test_runs_that_are_no_repetitions_are_not_averaged():
    with pytest.raises(
        ValueError, match=r"'erm' must have different seeds to be averaged, got seeds \[3, 3\]"
    ):
        markdown_table([run("erm", 3, section(0.5)), run("erm", 3, section(0.6))])
    with pytest.raises(
        ValueError, match=r"'mixup' must agree in alpha to be averaged, got 0.2, 1.0"
    ):
        markdown_table(
            [run("mixup", 0, section(0.5), alpha=0.2), run("mixup", 1, section(0.6), alpha=1.0)]
        )
