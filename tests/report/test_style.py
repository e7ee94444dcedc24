import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from tf_varmixup.report.style import STYLE, styled


@styled("How to read it.")
def one_line(heights):
    """Draw a line."""
    figure = Figure()
    figure.add_subplot().plot(heights)
    return figure


def test_the_style_holds_inside_and_is_gone_outside():
    before = {name: value for name, value in mpl.rcParams.items() if name != "backend"}
    figure = one_line([1, 2])
    assert {name: mpl.rcParams[name] for name in before} == before
    assert figure.dpi == STYLE["figure.dpi"] != before["figure.dpi"]
    assert not figure.axes[0].spines["top"].get_visible()
    assert figure.axes[0].xaxis.get_major_ticks()[0].tick1line.get_markersize() == 0


def test_the_figure_carries_its_caption_and_the_function_its_docstring():
    assert one_line([1, 2]).get_label() == "How to read it."
    assert one_line.__doc__ == "Draw a line."


def test_pyplot_knows_of_no_figure():
    one_line([1, 2])
    assert plt.get_fignums() == []
