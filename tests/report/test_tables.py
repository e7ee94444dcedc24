import io

from rich.console import Console

from tf_varmixup.report import markdown_table, results_table
from tf_varmixup.report.formatting import MISSING


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


def test_results_table_writes_out_the_metrics():
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


def test_results_table_shows_sections_of_accuracy_and_calibration_alone():
    metrics = {
        "adversarial.pgd": {"accuracy": 0.25, "radius": 0.03},
        "ood.svhn": {f"auroc_{score}": 0.875 for score in "abcdefghijkl"},
        "clean": {**section(0.5), "nll": None, "curve": [1, 2]},
        "local_linearity.clean": {"nll": 0.5},
        "notes": ["a"],
    }
    table = results_table(metrics)
    assert [list(column.cells) for column in table.columns] == [
        ["clean", "adversarial, pgd"],
        ["50.00 %", "25.00 %"],
        ["50.00 %", "75.00 %"],
        ["0.00 %", MISSING],
        [MISSING] * 2,
    ]


def test_markdown_table_gives_mean_and_sample_standard_deviation():
    runs = [
        run("mixup", seed, section(accuracy, 0.05, -0.02, 0.4))
        for seed, accuracy in ((2, 0.92), (0, 0.90), (1, 0.91))
    ]
    erm = [run("erm", 0, section(0.5, 0.125, 0.01, 2.0))]
    table = entries(markdown_table({"mixup": runs, "erm": erm}))
    assert table[0] == [
        "Method",
        "Seeds",
        "Accuracy, %<br>clean",
        "Accuracy, %<br>corrupted",
        "ECE, %<br>clean",
        "ECE, %<br>corrupted",
        "ECE, %<br>clean, after T",
        "ECE, %<br>corrupted, after T",
        "Signed gap, %<br>clean",
        "Signed gap, %<br>corrupted",
        "NLL<br>clean",
        "NLL<br>corrupted",
    ]
    # Deviations -1, 0, 1 percentage points: the sample variance is 2 / (3 - 1) = 1.
    assert table[2][:5] == ["mixup", "3", "91.00 ± 1.00", "70.00 ± 0.00", "5.00 ± 0.00"]
    assert table[2][8] == "-2.00 ± 0.00"
    assert table[2][10] == "0.400 ± 0.000"
    assert table[3] == [
        "erm",
        "1",
        "50.00",
        "70.00",
        "12.50",
        "20.00",
        "1.10",
        "10.00",
        "1.00",
        "19.00",
        "2.000",
        "1.250",
    ]
    assert {len(row) for row in table} == {12}


def test_metrics_that_a_run_lacks_are_dashes():
    with_corruptions, without = run("erm", 0, section(0.5)), run("erm", 1, section(0.7))
    del without[1]["corrupted"]
    without[1]["clean"]["nll"] = None  # what JSON has for NaN
    row = entries(markdown_table({"erm": [with_corruptions, without]}))[2]
    assert row[2] == "60.00 ± 14.14"  # sqrt(0.1² + 0.1²) = 0.1414
    assert row[3] == row[5] == row[10] == MISSING


def test_other_sections_have_columns_after_those_of_today():
    first, second = run("erm", 0, section(0.5)), run("mixup", 0, section(0.7))
    second[1]["adversarial.pgd"] = {"accuracy": 0.25, "turns": 20, "each": [1, 2]}
    table = entries(markdown_table({"erm": [first], "mixup": [second]}))
    assert table[0][12:] == ["Accuracy, %<br>adversarial, pgd", "Turns<br>adversarial, pgd"]
    assert table[2][12:] == [MISSING, MISSING]
    assert table[3][12:] == ["25.00", "20.000"]
