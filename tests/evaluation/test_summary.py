import numpy as np
import pytest

from tf_varmixup.evaluation import GridCell, mean_corruption_error, mean_summary

LABELS = np.array([0, 0, 0, 0])


def cell(num_right, severity=1):
    """Four samples of confidence .75, of which some are right."""
    logits = np.array(
        [[np.log(3.0), 0.0] if row < num_right else [0.0, np.log(3.0)] for row in range(4)],
        "float32",
    )
    return GridCell("fog", severity, logits, LABELS)


def test_by_hand():
    # accuracies 1, .5 and .25 at confidence .75: gaps -.25, .25 and .5
    summary = mean_summary([cell(4), cell(2), cell(1)])
    assert summary["accuracy"] == pytest.approx(1.75 / 3)
    assert summary["ece"] == pytest.approx(1 / 3, abs=1e-6)
    assert summary["signed_gap"] == pytest.approx(0.5 / 3, abs=1e-6)
    assert summary["overconfidence_error"] == pytest.approx(0.75 * 0.75 / 3, abs=1e-6)
    assert summary["nll"] == pytest.approx(-(7 * np.log(0.75) + 5 * np.log(0.25)) / 12, abs=1e-6)
    assert summary["brier"] == pytest.approx((7 * 2 * 0.0625 + 5 * 2 * 0.5625) / 12, abs=1e-6)


def test_cells_count_the_same_whatever_their_size():
    small = GridCell("snow", 1, cell(0).logits[:1], LABELS[:1])
    assert mean_summary([cell(4), small])["accuracy"] == 0.5


def test_temperature_reaches_every_cell():
    cells = [cell(4), cell(2)]
    assert mean_summary(cells, 1e6)["signed_gap"] == pytest.approx(0.5 - 0.75, abs=1e-6)
    assert mean_summary(cells, 1e6)["accuracy"] == mean_summary(cells)["accuracy"]


def test_mean_corruption_error_is_not_normalized():
    assert mean_corruption_error([cell(4), cell(2), cell(1)]) == pytest.approx((0 + 0.5 + 0.75) / 3)


@pytest.mark.parametrize("function", [mean_summary, mean_corruption_error])
def test_no_cells(function):
    with pytest.raises(ValueError, match=r"Expected at least one cell. Received: none"):
        function([])
