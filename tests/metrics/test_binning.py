import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup.metrics import calibration_bins


def test_sums_by_hand():
    weight, confidence, correct = calibration_bins([0.9, 0.95, 0.5, 0.45], [1, 0, 1, 1], num_bins=5)
    np.testing.assert_allclose(weight, [0, 0, 2, 0, 2])
    np.testing.assert_allclose(confidence, [0, 0, 0.95, 0, 1.85], rtol=1e-6)
    np.testing.assert_allclose(correct, [0, 0, 2, 0, 1])


def test_weights_multiply_every_sum():
    weight, confidence, correct = calibration_bins(
        [0.9, 0.95], [True, False], weight=[2.0, 0.5], num_bins=2
    )
    np.testing.assert_allclose(weight, [0, 2.5])
    np.testing.assert_allclose(confidence, [0, 1.8 + 0.475], rtol=1e-6)
    np.testing.assert_allclose(correct, [0, 2])


def test_edges_belong_to_the_bin_on_their_right_and_one_to_the_last():
    weight, _, _ = calibration_bins([0.0, 0.25, 0.5, 0.75, 1.0], [1] * 5, num_bins=4)
    np.testing.assert_allclose(weight, [1, 1, 1, 2])


def test_confidence_rounded_above_one_stays_in_the_last_bin():
    weight, _, _ = calibration_bins([1.0000001], [1], num_bins=15)
    np.testing.assert_allclose(weight, [0] * 14 + [1])


@pytest.mark.parametrize("dtype", [tf.float16, tf.bfloat16, tf.float64])
def test_everything_is_float32(dtype):
    assert [
        part.dtype
        for part in calibration_bins(tf.constant([0.5, 0.7], dtype), [1, 0], tf.ones(2, dtype))
    ] == [tf.float32] * 3


def test_compiles_under_xla():
    confidence, correct = (
        np.random.default_rng(0).uniform(size=64).astype("float32"),
        np.arange(64) % 3 == 0,
    )
    compiled = tf.function(calibration_bins, jit_compile=True)(
        tf.constant(confidence), tf.constant(correct)
    )
    for got, expected in zip(compiled, calibration_bins(confidence, correct), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-5)


def test_agrees_with_numpy_histograms():
    confidence, correct = (
        np.random.default_rng(1).uniform(size=1000).astype("float32"),
        np.arange(1000) % 2,
    )
    weight, confidence_sum, correct_sum = calibration_bins(confidence, correct)
    for got, values in ((weight, None), (confidence_sum, confidence), (correct_sum, correct)):
        np.testing.assert_allclose(
            got, np.histogram(confidence, 15, (0, 1), weights=values)[0], rtol=1e-4
        )
