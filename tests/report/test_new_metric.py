"""An entry in the list of metrics is all that tables, plots and the page need."""

import pytest

from tf_varmixup.metrics import MEASURES, Measure
from tf_varmixup.report import learning_curves, markdown_table, results_table, write_report

NEW = Measure("median", "Median", "%", "zero", lambda given: 0.5, "a metric of this test")


@pytest.fixture(autouse=True)
def _listed(monkeypatch):
    for module in (
        "metrics.measures",
        "report.comparison_columns",
        "report.content",
        "report.plots_training",
    ):
        monkeypatch.setattr(f"tf_varmixup.{module}.MEASURES", (*MEASURES, NEW))


def test_it_is_in_every_table_and_on_the_page(tmp_path):
    metrics = {"clean": {"accuracy": 0.9, "median": 0.25}, "corrupted": {"median": 0.5}}
    assert [column.header for column in results_table(metrics).columns][-1] == "Median"
    lines = markdown_table({"erm": [({}, metrics)]}).splitlines()
    assert lines[0].endswith("| Median, %<br>clean | Median, %<br>corrupted |")
    assert lines[2].endswith("| 25.00 | 50.00 |")
    page = write_report(tmp_path, "t", {}, metrics, [], {}).read_text(encoding="utf-8")
    assert "a metric of this test" in page
    assert "25.00 %" in page


def test_its_curve_has_its_title_and_unit():
    axes = learning_curves({"corrupted_median": [0.1, 0.2]}).axes[0]
    assert axes.get_title(loc="left") == "Median"
    assert axes.lines[0].get_label() == "validation, corrupted"
    assert axes.yaxis.get_major_formatter()(0.1, 0) == "10 %"
