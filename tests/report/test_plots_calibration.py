from types import SimpleNamespace

import numpy as np
import pytest

from tf_varmixup.report import corrupted_reliability, reliability_diagram

NAN = float("nan")
# ECE = 40/100 |0.25 - 0.4| + 60/100 |0.9 - 0.8| = 0.06 + 0.06; mean accuracy 0.1 + 0.54, mean
# confidence 0.16 + 0.48.
BINS = SimpleNamespace(
    edges=np.array([0, 0.25, 0.5, 1.0]),
    count=np.array([0, 40, 60]),
    confidence=np.array([NAN, 0.4, 0.8]),
    accuracy=np.array([NAN, 0.25, 0.9]),
)
CALIBRATED = SimpleNamespace(
    edges=np.array([0, 0.5, 1.0]),
    count=np.array([5, 5]),
    confidence=np.array([0.3, 0.7]),
    accuracy=np.array([0.3, 0.7]),
)


def boxes(bars):
    return [(bar.get_x(), bar.get_y(), bar.get_width(), bar.get_height()) for bar in bars]


def test_bars_gaps_and_counts_are_those_of_the_bins():
    figure = reliability_diagram({"before": BINS, "after temperature": CALIBRATED})
    diagram, histogram, _, _ = figure.axes
    accuracy, overconfident, underconfident = diagram.containers
    np.testing.assert_allclose(boxes(accuracy), [(0.25, 0, 0.25, 0.25), (0.5, 0, 0.5, 0.9)])
    np.testing.assert_allclose(boxes(overconfident), [(0.25, 0.25, 0.25, 0.15)])
    np.testing.assert_allclose(boxes(underconfident), [(0.5, 0.8, 0.5, 0.1)])
    np.testing.assert_allclose(
        boxes(histogram.containers[0]), [(0.25, 0, 0.25, 40), (0.5, 0, 0.5, 60)]
    )


def test_titles_give_the_ece_and_the_lines_the_means():
    figure = reliability_diagram({"before": BINS, "after temperature": CALIBRATED})
    assert [axes.get_title(loc="left") for axes in figure.axes[::2]] == [
        "before\nECE 12.00 %",
        "after temperature\nECE 0.00 %",
    ]
    labels = [line.get_label() for line in figure.axes[1].lines]
    assert labels == ["mean accuracy 64.0 %", "mean confidence 64.0 %"]
    np.testing.assert_allclose(figure.axes[1].lines[0].get_xdata(), 0.64)


def test_titles_stay_within_their_panels():
    names = ["before temperature scaling", "corrupted, pooled, after temperature"]
    figure = reliability_diagram(dict.fromkeys(names, BINS))
    figure.draw_without_rendering()
    for part in figure.subfigs:
        title = part.axes[0]._left_title.get_window_extent()
        assert part.bbox.x0 <= title.x0 < title.x1 <= part.bbox.x1
        assert title.y1 <= part.bbox.y1


def test_the_same_accuracy_reads_the_same_in_all_panels():
    # 8,845 of 10,000 right, which as a mean of shares comes out a little below or above.
    counts = [(3, 9_997), (1_000, 9_000), (123, 9_877)]
    right = [(1, 8_844), (345, 8_500), (22, 8_823)]
    labels = set()
    for count, correct in zip(counts, right, strict=True):
        accuracy = np.array(correct) / count
        bins = SimpleNamespace(
            edges=np.array([0, 0.5, 1.0]),
            count=np.array(count),
            confidence=accuracy,
            accuracy=accuracy,
        )
        labels.add(reliability_diagram({"test": bins}).axes[1].lines[0].get_label())
    assert len(labels) == 1


def test_the_legend_names_both_gaps_whether_or_not_they_occur():
    figure = reliability_diagram({"clean": CALIBRATED})
    legend = [text.get_text() for text in figure.subfigs[0].legends[0].texts]
    assert legend == ["accuracy", "overconfident", "underconfident"]


def test_it_draws_what_the_library_measures():
    calibration = pytest.importorskip("tf_varmixup.calibration")
    # Within bins: on their edges, the rounding of a processor's logarithm would decide.
    logits = np.log([[0.85, 0.15], [0.85, 0.15], [0.25, 0.75], [0.25, 0.75]])
    bins = calibration.reliability_bins(logits, np.array([0, 1, 1, 1]), num_bins=10)
    # Confidence 0.85 with half right, 0.75 with all right: ECE = (0.35 + 0.25) / 2.
    figure = reliability_diagram({"test": bins})
    assert figure.axes[0].get_title(loc="left") == "test\nECE 30.00 %"


@pytest.mark.parametrize("bins", [{}, {"empty": SimpleNamespace(count=np.zeros(3))}])
def test_no_images_are_refused(bins):
    with pytest.raises(ValueError, match="bins that hold images"):
        reliability_diagram(bins)


def test_corrupted_images_are_pooled_over_the_benchmarks_cells():
    right, wrong = np.array([0]), np.array([1])
    logits = np.log([[0.75, 0.25]])
    cells = [
        SimpleNamespace(corruption=corruption, logits=logits, labels=labels)
        for corruption, labels in (("fog", right), ("snow", wrong), ("spatter", right))
    ]
    bins = corrupted_reliability(cells, temperature=1e9)
    assert bins["corrupted, pooled"].count.sum() == 2
    assert np.nanmax(bins["corrupted, pooled"].accuracy) == 0.5
    scaled = bins["corrupted, pooled, after temperature"]
    np.testing.assert_allclose(np.nanmax(scaled.confidence), 0.5)
    assert corrupted_reliability(cells[2:]) == {}
    assert list(corrupted_reliability(cells)) == ["corrupted, pooled"]
