import numpy as np
import pytest

from tf_varmixup.corruptions import BENCHMARK, VALIDATION
from tf_varmixup.report import corruption_differences, corruption_heatmap


def cell(corruption, severity, accuracy):
    return {"corruption": corruption, "severity": severity, "accuracy": accuracy, "ece": 0.0}


def arrays(axes):
    return [np.ma.filled(image.get_array().astype(float), np.nan) for image in axes.images]


def test_cells_and_means_in_percent():
    rows = [cell("fog", 3, 0.5), cell("fog", 1, 0.9), cell("snow", 1, 0.8), cell("snow", 3, 0.2)]
    figure = corruption_heatmap(rows)
    assert len(figure.axes) == 1
    cells, over_severities, over_corruptions, overall = arrays(figure.axes[0])
    # The page's order has snow before fog, whatever the order of the rows.
    np.testing.assert_allclose(cells, [[80, 20], [90, 50]])
    np.testing.assert_allclose(over_severities, [[50], [70]])
    np.testing.assert_allclose(over_corruptions, [[85, 35]])
    np.testing.assert_allclose(overall, [[60]])
    assert [text.get_text() for text in figure.axes[0].texts] == [
        "80.0",
        "20.0",
        "90.0",
        "50.0",
        "50.0",
        "70.0",
        "85.0",
        "35.0",
        "60.0",
    ]
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == [
        "severity 1",
        "3",
        "mean",
    ]
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == [
        "snow",
        "fog",
        "mean",
    ]
    assert figure.axes[0].get_title(loc="left") == "Benchmark corruptions\nmean accuracy 60.0 %"


def test_the_numbers_stand_in_their_cells():
    axes = corruption_heatmap(
        [cell("snow", 1, 0.1), cell("snow", 2, 0.2), cell("fog", 1, 0.3), cell("fog", 2, 0.4)]
    ).axes[0]
    for text in axes.texts[:4]:
        x, y = text.get_position()
        left, right, bottom, top = axes.images[0].get_extent()
        assert left < x < right
        assert top < y < bottom
        assert float(text.get_text()) == pytest.approx(axes.images[0].get_array()[int(y), int(x)])


def test_validation_corruptions_are_apart():
    rows = [cell(name, severity, 0.75) for name in BENCHMARK for severity in range(1, 6)]
    rows += [cell(name, severity, 0.25) for name in VALIDATION for severity in range(1, 6)]
    benchmark, validation = corruption_heatmap(rows).axes
    assert arrays(benchmark)[0].shape == (15, 5)
    assert arrays(validation)[0].shape == (4, 5)
    assert arrays(benchmark)[3] == [[75]]
    assert arrays(validation)[3] == [[25]]
    assert [label.get_text() for label in validation.get_yticklabels()] == [
        "speckle noise",
        "gaussian blur",
        "spatter",
        "saturate",
        "mean",
    ]
    assert benchmark.get_position().y0 > validation.get_position().y1


def test_missing_cells_are_empty_and_outside_the_means():
    cells, over_severities, over_corruptions, overall = arrays(
        corruption_heatmap([cell("snow", 1, 0.8), cell("fog", 1, 0.9), cell("fog", 2, 0.4)]).axes[0]
    )
    np.testing.assert_allclose(cells, [[80, np.nan], [90, 40]])
    np.testing.assert_allclose(over_severities, [[80], [65]])
    np.testing.assert_allclose(over_corruptions, [[85, 40]])
    np.testing.assert_allclose(overall, [[70]])


def test_no_rows_are_refused():
    with pytest.raises(ValueError, match="at least one cell"):
        corruption_heatmap([])


def test_differences_are_in_points_and_of_common_cells():
    rows = [cell("fog", 1, 0.9), cell("fog", 2, 0.4), cell("snow", 1, 0.55)]
    baseline = [cell("fog", 1, 0.8), cell("fog", 2, 0.6), cell("frost", 1, 0.5)]
    figure = corruption_differences(rows, baseline)
    cells, over_severities, over_corruptions, overall = arrays(figure.axes[0])
    np.testing.assert_allclose(cells, [[10, -20]])
    np.testing.assert_allclose(over_severities, [[-5]])
    np.testing.assert_allclose(over_corruptions, [[10, -20]])
    np.testing.assert_allclose(overall, [[-5]])
    texts = [text.get_text() for text in figure.axes[0].texts[:2]]
    assert texts == ["+10.0", "\N{MINUS SIGN}20.0"]
    title = "Benchmark corruptions\nmean difference \N{MINUS SIGN}5.0 points"
    assert figure.axes[0].get_title(loc="left") == title
    norm = figure.axes[0].images[0].norm
    assert norm.vmin == -norm.vmax < 0


def test_a_difference_that_rounds_to_zero_has_no_minus():
    figure = corruption_differences([cell("fog", 1, 0.79999)], [cell("fog", 1, 0.8)])
    assert figure.axes[0].texts[0].get_text() == "+0.0"


def test_a_baseline_without_common_cells_is_refused():
    with pytest.raises(ValueError, match=r"at least one cell of rows. Received: \[\('fog', 1"):
        corruption_differences([cell("snow", 1, 0.5)], [cell("fog", 1, 0.5)])
    with pytest.raises(ValueError, match="Expected baseline with at least one cell"):
        corruption_differences([cell("snow", 1, 0.5)], [])
