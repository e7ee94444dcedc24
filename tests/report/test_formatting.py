import pytest

from tf_varmixup.metrics import measure
from tf_varmixup.metrics.measures import measure_or_plain
from tf_varmixup.report.formatting import MISSING, duration, metric_text, percent


def test_percent():
    assert percent(0.9137) == "91.4 %"
    assert percent(0.9137, 2) == "91.37 %"
    assert percent(-0.0123, 2) == "-1.23 %"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (2.34, "2.3 s"),
        (59.9, "59.9 s"),
        (59.96, "1 min 0 s"),
        (75, "1 min 15 s"),
        (3599.4, "59 min 59 s"),
        (3599.6, "1 h 0 min"),
        (5400, "1 h 30 min"),
        (90000, "25 h 0 min"),
    ],
)
def test_duration(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("accuracy", 0.9137, "91.37 %"),
        ("signed_gap", -0.0321, "-3.21 %"),
        ("nll", 0.31249, "0.3125"),
        ("auroc", 0.5, "0.5000"),
        ("steps", 1500, "1,500"),
        ("nll", float("nan"), MISSING),
        ("accuracy", None, MISSING),
    ],
)
def test_a_metric_is_written_in_its_unit(name, value, text):
    assert metric_text(measure_or_plain(name), value) == text


def test_decimals_are_for_what_is_no_percentage():
    assert metric_text(measure("nll"), 0.31249, 3) == "0.312"
    assert metric_text(measure("ece"), 0.31249, 3) == "31.25 %"
