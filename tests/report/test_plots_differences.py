import dataclasses
import itertools
import math

import pytest

from tf_varmixup.report import difference_intervals
from tf_varmixup.report.table import Table, TableColumn
from tf_varmixup.report.table_cell import TableCell


def table(*cells, key="corrupted.accuracy"):
    column = TableColumn(key, "Accuracy, %", "corrupted", 100.0, 2, signed=True)
    rows = tuple(((f"method {n}", "3"), (cell,)) for n, cell in enumerate(cells))
    return Table("Differences to erm", ("Method", "Paired seeds"), (column,), rows)


def test_intervals_are_in_the_units_of_the_table_and_filled_where_they_exclude_zero():
    figure = difference_intervals(
        table(TableCell(0.02, low=0.01, high=0.03), TableCell(-0.01, low=-0.03, high=0.01))
    )
    [axes] = figure.axes
    assert axes.get_title(loc="left") == "Accuracy, %, corrupted"
    assert axes.get_xlabel() == "differences to erm"
    assert [label.get_text() for label in axes.get_yticklabels()] == ["method 0", "method 1"]
    zero, first, point, second, other = axes.lines
    assert list(zero.get_xdata()) == [0.0, 0.0]
    assert list(first.get_xdata()) == pytest.approx([1.0, 3.0])
    assert list(second.get_xdata()) == pytest.approx([-3.0, 1.0])
    assert list(point.get_xydata()[0]) == pytest.approx([2.0, 0.0])
    assert list(other.get_xydata()[0]) == pytest.approx([-1.0, 1.0])
    assert point.get_markerfacecolor() == point.get_color()
    assert other.get_markerfacecolor() == "white"


def test_a_single_run_is_a_point_and_what_was_not_measured_is_left_out():
    figure = difference_intervals(table(TableCell(0.02), TableCell(math.nan)))
    [axes] = figure.axes
    _, point = axes.lines
    assert list(point.get_xydata()[0]) == pytest.approx([2.0, 0.0])
    assert point.get_markerfacecolor() == "white"


def test_other_columns_are_refused():
    with pytest.raises(ValueError, match=r"Received: clean\.accuracy"):
        difference_intervals(table(TableCell(0.0)), ["clean.accuracy"])


def test_a_long_name_is_broken_where_its_words_are():
    cell = TableCell(0.01)
    names = ("interpolated_adversarial", "mixup_reconstruction-circles", "my own method_of_mine")
    rows = tuple(((name, "3"), (cell,)) for name in names)
    [axes] = difference_intervals(dataclasses.replace(table(cell), rows=rows)).axes
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert [label.replace("\n", "") for label in labels[:2]] == [*names[:2]]
    assert labels[0] == "interpolated_\nadversarial"
    assert labels[1] == "mixup_\nreconstruction-\ncircles"
    assert labels[2] == "my own method_of_\nmine"


def test_long_names_do_not_overlap():
    cell = TableCell(0.01, low=-0.01, high=0.03)
    long = "a method with settings that take several lines of the plot, each of them"
    rows = tuple(((name, "3"), (cell,)) for name in ("a", "b", "c", long, long))
    figure = difference_intervals(dataclasses.replace(table(cell), rows=rows))
    figure.canvas.draw()
    [axes] = figure.axes
    boxes = [label.get_window_extent() for label in axes.get_yticklabels()]
    assert all(upper.y0 > lower.y1 for upper, lower in itertools.pairwise(boxes))
