import numpy as np
import pytest

from tf_varmixup.report import linearity_distributions


def test_the_curves_are_shares_of_images():
    values = {"linearity_error": np.array([0.5, 0.125, 2.0, 0.125]), "nll": np.array([1.0] * 4)}
    axes = linearity_distributions({"clean": values}).axes[0]
    departure, loss = (line.get_xydata() for line in axes.lines)
    expected = [[0.125, 0.0], [0.125, 0.25], [0.125, 0.5], [0.5, 0.75], [2.0, 1.0]]
    np.testing.assert_allclose(departure, expected)
    np.testing.assert_allclose(loss[:, 0], 1.0)
    assert axes.get_title(loc="left") == "clean\nmean departure 0.688 nats"
    assert axes.get_xscale() == "log"


def test_a_loss_that_is_linear_is_drawn_too():
    values = {"linearity_error": [0.0, 0.0], "nll": [0.0, 0.0]}
    figure = linearity_distributions({"clean": values, "clean, after temperature": values})
    assert np.isfinite([axes.get_xlim() for axes in figure.axes]).all()


@pytest.mark.parametrize("found", [{}, {"clean": {"linearity_error": [], "nll": []}}])
def test_no_images_are_refused(found):
    with pytest.raises(ValueError, match="at least one image"):
        linearity_distributions(found)
