import numpy as np
import pytest

from tf_varmixup.report import severity_curves


def cell(corruption, severity, accuracy, **others):
    return {"corruption": corruption, "severity": severity, "accuracy": accuracy, **others}


def test_points_are_means_over_the_benchmark_and_clean_images_are_severity_0():
    rows = [cell("fog", 1, 0.9), cell("snow", 1, 0.7), cell("fog", 2, 0.5), cell("spatter", 2, 0)]
    figure = severity_curves({"erm": rows, "mixup": rows[2:]}, {"erm": {"accuracy": 0.95}})
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["Accuracy"]
    one, other = figure.axes[0].lines
    np.testing.assert_allclose(one.get_xydata(), [[0, 0.95], [1, 0.8], [2, 0.5]])
    np.testing.assert_allclose(other.get_xydata(), [[2, 0.5]])
    legend = [text.get_text() for text in figure.axes[0].get_legend().texts]
    assert legend == ["erm", "mixup"]


def test_ece_has_a_panel_where_it_was_measured():
    figure = severity_curves({"erm": [cell("fog", 1, 0.9, ece=0.1)]})
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["Accuracy", "ECE"]
    assert figure.axes[1].lines[0].get_ydata() == [0.1]
    assert figure.axes[0].get_legend() is None


def test_lines_differ_in_color_marker_and_dashes():
    rows = [cell("fog", severity, 0.5) for severity in (1, 2)]
    lines = severity_curves({str(number): rows for number in range(4)}).axes[0].lines
    for look in ("get_color", "get_marker", "get_linestyle"):
        assert len({getattr(line, look)() for line in lines}) == 4


def test_many_lines_are_told_apart_and_named_below_them():
    rows = [cell("fog", severity, 0.5) for severity in (1, 2)]
    figure = severity_curves({str(number): rows for number in range(12)})
    lines = figure.axes[0].lines
    assert len({(line.get_color(), line.get_marker()) for line in lines}) == 12
    assert figure.axes[0].get_legend() is None
    [legend] = figure.subfigs[0].legends
    assert [text.get_text() for text in legend.texts] == [str(number) for number in range(12)]


def test_rows_without_the_benchmark_are_refused():
    with pytest.raises(ValueError, match=r"Received: \['spatter'\]"):
        severity_curves({"erm": [cell("spatter", 1, 0.5)]})
