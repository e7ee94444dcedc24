import numpy as np
from matplotlib.figure import Figure

from tf_varmixup.report import learning_curves, training_batch
from tf_varmixup.report.panels import panels
from tf_varmixup.report.style import PANEL


def test_every_quantity_is_a_panel_as_wide_as_a_phone():
    figure = learning_curves({"loss": [2.0, 1.0], "accuracy": [0.1, 0.2], "psnr": [1.0, 2.0]})
    places = np.array(panels(figure))
    np.testing.assert_allclose(places[:, 2], PANEL, atol=0.01)
    np.testing.assert_allclose(places[:, :2], [[0, 0], [PANEL, 0], [0, 2.4]], atol=0.01)
    np.testing.assert_allclose(places[:, 3], 2.4, atol=0.01)


def test_panels_hold_what_belongs_to_them():
    figure = learning_curves({"loss": [2.0, 1.0], "val_accuracy": [0.1, 0.2]})
    height = figure.get_figheight()
    for part, (left, top, width, down) in zip(figure.subfigs, panels(figure), strict=True):
        box = part.axes[0].get_tightbbox().transformed(figure.dpi_scale_trans.inverted())
        assert left <= box.x0 < box.x1 <= left + width
        assert top <= height - box.y1 < height - box.y0 <= top + down


def test_every_image_of_a_batch_is_a_panel_with_its_label():
    figure = training_batch(np.zeros((9, 8, 8, 1), "uint8"), np.full((9, 2), 0.5), ("cat", "dog"))
    places = panels(figure)
    assert len(places) == 9
    height = figure.get_figheight()
    for axes, (left, top, width, down) in zip(figure.axes, places, strict=True):
        box = axes.get_tightbbox().transformed(figure.dpi_scale_trans.inverted())
        text = axes.texts[0].get_window_extent().transformed(figure.dpi_scale_trans.inverted())
        assert left <= box.x0 < box.x1 <= left + width
        assert top <= height - box.y1 + 1e-9
        assert height - text.y0 <= top + down
    # Apart from each other.
    assert places[0][0] + places[0][2] <= places[1][0] + 1e-9
    assert places[0][1] + places[0][3] <= places[8][1] + 1e-9


def test_a_plot_of_one_panel_is_the_whole_of_it():
    figure = Figure(figsize=(3, 2))
    figure.add_subplot()
    assert panels(figure) == [(0.0, 0.0, 3.0, 2.0)]
