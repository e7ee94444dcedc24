import pytest

from tf_varmixup.report.formatting import duration, percent


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
