import pytest

from tf_varmixup.report import write_comparison

TABLE = "<table><tr><td>0.5 &amp; more</td></tr></table>"


def cells(accuracy):
    return [{"corruption": "fog", "severity": 1, "accuracy": accuracy, "ece": 0.1}]


def test_the_table_stands_as_it_is_and_what_users_wrote_is_escaped(tmp_path):
    path = write_comparison(tmp_path, "A <b>", TABLE, {"erm": [[]]}, notes=["<i>"])
    text = path.read_text(encoding="utf-8")
    assert TABLE in text
    assert "A &lt;b&gt;" in text
    assert "&lt;i&gt;" in text
    assert "<h2>Plots" not in text


def test_plots_are_of_means_over_seeds_and_against_the_baseline(tmp_path):
    runs = {"erm": [cells(0.5), cells(0.7)], "mix up!": [cells(0.9)], "unmeasured": [[]]}
    write_comparison(tmp_path, "t", TABLE, runs, baseline="erm")
    names = {path.stem for path in (tmp_path / "figures").iterdir()}
    assert names == {"severity", "mix_up_minus_erm"}
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Benchmark corruptions, mean difference +30.0 points" in text


def test_an_unknown_baseline_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"Expected baseline to be one of 'erm'. Received: 'er'"):
        write_comparison(tmp_path, "t", TABLE, {"erm": [cells(0.5)]}, baseline="er")
