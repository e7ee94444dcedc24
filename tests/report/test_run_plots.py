import types

import numpy as np
import pytest

from models import VariationalAutoencoder
from tf_varmixup.calibration import reliability_bins
from tf_varmixup.corruptions import CORRUPTIONS, SEVERITIES
from tf_varmixup.data import ImageData, Split
from tf_varmixup.report import Baseline, run_plots

NAMES = (
    "reliability",
    "corruptions",
    "severity",
    "risk_coverage",
    "confidently_wrong",
    "learning_curves",
    "training_batch",
    "reconstructions",
    "interpolations",
)


def draw(num_test_images, autoencoder):
    random = np.random.default_rng(0)
    split = Split(
        random.integers(0, 256, (num_test_images, 8, 8, 1), dtype="uint8"),
        np.arange(num_test_images) % 2,
    )
    images = ImageData("digits", split, split.take(0), split, ("cat", "dog"), flip=True)
    batch = split.images.astype("float32"), np.eye(2)[split.labels]
    rows = [
        {
            "corruption": corruption,
            "severity": severity,
            "accuracy": 0.5,
            "error": 0.5,
            "ece": 0.1,
            "nll": 1.0,
        }
        for corruption in CORRUPTIONS
        for severity in SEVERITIES
    ]
    return run_plots(
        images,
        batch,
        autoencoder,
        random.normal(size=(num_test_images, 2)),
        2.0,
        rows,
        {"loss": [2.0, 1.0]},
    )


@pytest.mark.slow
@pytest.mark.parametrize(("num_test_images", "num_pairs"), [(1, 1), (5, 2), (30, 5)])
def test_every_plot_of_a_run_is_drawn_however_few_the_images(num_test_images, num_pairs):
    plots = draw(
        num_test_images, VariationalAutoencoder((8, 8, 1), width=8, blocks=1, latent_size=2)
    )
    # A single image may be classified correctly.
    assert tuple(plots) in (NAMES, tuple(name for name in NAMES if name != "confidently_wrong"))
    assert len(plots["reconstructions"].axes) == 2 * min(12, num_test_images)
    assert len(plots["interpolations"].axes) == 2 * 9 * num_pairs
    assert len(plots["training_batch"].axes) == min(24, num_test_images)


def test_a_run_without_an_autoencoder_has_no_latent_plots():
    assert tuple(draw(5, None)) == NAMES[:-2]


def test_what_was_not_measured_is_left_out():
    test = Split(np.zeros((4, 8, 8, 1), "uint8"), np.arange(4) % 2)
    dataset = types.SimpleNamespace(test=test, class_names=("cat", "dog"))
    plots = run_plots(dataset, None, None, np.eye(2)[[0, 1, 0, 1]], None, [], {})
    assert tuple(plots) == ("reliability", "risk_coverage")
    assert len(plots["reliability"].axes) == 2


def test_decoded_images_are_shown_as_bright_as_the_originals():
    class Perfect:
        def reconstruct(self, images):
            return images.astype("float32")

        def interpolate(self, first, second, points):
            share = np.linspace(1, 0, points)[:, None, None, None]
            return share * first[:, None] + (1 - share) * second[:, None]

    test = Split(np.full((4, 8, 8, 1), 51, "uint8"), np.arange(4) % 2)
    dataset = types.SimpleNamespace(test=test, class_names=("cat", "dog"))
    plots = run_plots(dataset, None, Perfect(), np.zeros((4, 2)), 1.0, [], {})
    for name in ("reconstructions", "interpolations"):
        for axes in plots[name].axes:
            np.testing.assert_allclose(axes.images[0].get_array(), 0.2, atol=1e-6)


def test_a_baseline_corrupted_images_and_scores_have_their_plots():
    test = Split(np.zeros((4, 8, 8, 1), "uint8"), np.arange(4) % 2)
    dataset = types.SimpleNamespace(test=test, class_names=("cat", "dog"))
    rows = [{"corruption": "fog", "severity": 1, "accuracy": 0.75}]
    baseline = Baseline("erm", {"clean": {"accuracy": 0.5}}, [{**rows[0], "accuracy": 0.25}])
    logits = np.eye(2)[[0, 1, 1, 0]]
    plots = run_plots(
        dataset,
        None,
        None,
        logits,
        None,
        rows,
        {},
        baseline=baseline,
        corrupted={"corrupted": reliability_bins(logits, test.labels)},
        scores={"svhn": ([0.9], [0.5])},
        departures={"clean": {"linearity_error": [0.1], "nll": [0.2]}},
        name="mixup",
    )
    assert tuple(plots) == (
        "reliability",
        "corruptions",
        "corruption_differences",
        "severity",
        "risk_coverage",
        "out_of_distribution",
        "local_linearity",
        "confidently_wrong",
    )
    assert len(plots["reliability"].axes) == 4
    ours, theirs = plots["severity"].axes[0].lines
    assert (ours.get_label(), theirs.get_label()) == ("mixup", "erm")
    np.testing.assert_allclose(ours.get_xydata(), [[0, 0.5], [1, 0.75]])
    np.testing.assert_allclose(theirs.get_xydata(), [[0, 0.5], [1, 0.25]])
    # The mean over other corruptions is no baseline.
    rows = [*rows, {**rows[0], "corruption": "snow"}]
    plots = run_plots(dataset, None, None, logits, None, rows, {}, baseline=baseline)
    assert len(plots["severity"].axes[0].lines) == 1
    assert float(plots["corruption_differences"].axes[0].images[0].get_array()[0, 0]) == 50


def test_a_batch_is_shown_from_its_first_to_its_last_image():
    """The clean share of a method is the first part of a batch."""
    test = Split(np.zeros((2, 8, 8, 1), "uint8"), np.arange(2))
    dataset = types.SimpleNamespace(test=test, class_names=("cat", "dog"))
    images = np.arange(100.0).reshape(-1, 1, 1, 1) * np.ones((1, 8, 8, 1))
    batch = images, np.eye(2)[np.arange(100) % 2]
    plots = run_plots(dataset, batch, None, np.eye(2), None, [], {})
    shown = [
        float(np.ravel(axes.images[0].get_array())[0]) for axes in plots["training_batch"].axes
    ]
    assert len(shown) == 24
    assert (shown[0], shown[-1]) == pytest.approx((0.0, 99 / 255))
