import keras
import numpy as np
import pytest

from tf_varmixup import draws
from tf_varmixup.methods import Batch, LabelSmoothing, Mixup

SEED = draws.run_seed(0)


def test_smoothing_by_hand():
    images = np.full((2, 2, 2, 1), 7, "uint8")
    drawn, labels = LabelSmoothing(0.3).sample(images, np.array([[1, 0, 0], [0, 0.5, 0.5]]), SEED)
    np.testing.assert_array_equal(drawn, images)
    np.testing.assert_allclose(labels, [[0.8, 0.1, 0.1], [0.1, 0.45, 0.45]], rtol=1e-6)


@pytest.mark.parametrize("smoothing", [0.05, 0.1, 0.2])
def test_the_loss_is_that_of_pytorch(shared, smoothing):
    arrays = np.load(shared / "method_reference" / "losses.npz")
    logits, numbers = arrays["mix_logits"], arrays["mix_labels"]
    images, labels = np.zeros((64, 1, 1, 1), "uint8"), np.eye(10, dtype="float32")[numbers]
    _, smoothed = LabelSmoothing(smoothing).sample(images, labels, SEED)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, dtype="float64")
    expected = arrays[f"label_smoothing_{smoothing}"]
    assert float(loss(smoothed, logits)) == pytest.approx(float(expected), abs=1e-6)
    # What Keras' loss does by itself.
    own = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing)
    assert float(own(labels, logits)) == pytest.approx(float(expected), rel=1e-6)


def test_sample_weights_stay_as_they_are(images, labels):
    weights = np.arange(7, dtype="float32")
    drawn = LabelSmoothing(0.2).draw(None, Batch(images, labels, weights), SEED)
    np.testing.assert_array_equal(drawn.weights, weights)
    expected = 0.8 * labels + 0.2 / 7
    np.testing.assert_allclose(drawn.labels[1:], expected[1:], rtol=1e-6)


def test_smoothing_before_and_after_mixing_is_the_same(images, labels):
    smoothing, mixup = LabelSmoothing(0.2), Mixup()
    first = mixup.sample(*smoothing.sample(images, labels, SEED), SEED)
    second = smoothing.sample(*mixup.sample(images, labels, SEED), SEED)
    for one, other in zip(first, second, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("smoothing", [-0.1, 1.0, "much"])
def test_a_bad_share_is_named(smoothing):
    with pytest.raises(ValueError, match=f"smoothing to be .* below 1. Received: {smoothing!r}"):
        LabelSmoothing(smoothing)
