import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup.corruptions import CorruptionBenchmark, cell, corrupt
from tf_varmixup.evaluation import GridCell, evaluate_grid, grid_cells
from tf_varmixup.metrics import classification_summary


def benchmark(corruptions=("fog", "snow"), severities=(1, 4), seed=2, **options):
    generator = np.random.default_rng(0)
    split = (
        generator.integers(0, 200, (7, 32, 32, 3)).astype("uint8"),
        generator.integers(2, size=7),
    )
    return CorruptionBenchmark(split, corruptions, severities, seed=seed, **options)


def predict(images, indices=None):
    """Logits that identify the images: their means and the means of their squares."""
    pixels = tf.cast(tf.reshape(images, (len(images), -1)), tf.float32)
    return tf.stack([tf.reduce_mean(pixels, axis=1), tf.reduce_mean(pixels**2, axis=1)], axis=1)


@pytest.fixture
def adds_severity(monkeypatch):
    """A corruption that adds ten severities, the seed, and the number of each image."""

    def corrupt(images, corruption, severity, seed, indices):
        return (
            images
            + tf.cast(10 * severity + seed, tf.uint8)
            + tf.cast(indices + tf.range(len(images)), tf.uint8)[:, None, None, None]
        )

    monkeypatch.setattr(cell, "corrupt", corrupt)


def test_every_cell_in_order(adds_severity):
    corrupted = benchmark()
    cells = evaluate_grid(predict, corrupted, batch_size=3)
    assert [(cell.corruption, cell.severity) for cell in cells] == [
        ("fog", 1),
        ("fog", 4),
        ("snow", 1),
        ("snow", 4),
    ]
    for found in cells:
        shifted = (
            corrupted.images
            + np.uint8(10 * found.severity + 2)
            + np.arange(7, dtype="uint8")[:, None, None, None]
        )
        np.testing.assert_allclose(found.logits, predict(shifted), rtol=1e-6)
        np.testing.assert_array_equal(found.labels, corrupted.labels)
        assert found.logits.dtype == np.float32
        assert not found.published


def test_the_classifier_is_traced_once_for_the_grid(adds_severity):
    compiled = tf.function(lambda images, indices: predict(images), jit_compile=True)
    evaluate_grid(compiled, benchmark(), batch_size=3)
    assert compiled.experimental_get_tracing_count() == 1


def test_large_cells_come_in_parts(adds_severity, monkeypatch):
    monkeypatch.setattr("tf_varmixup.corruptions.ahead.BYTES_AT_ONCE", 5 * 32 * 32 * 3)
    corrupted = benchmark()
    for found in evaluate_grid(predict, corrupted, batch_size=2):  # parts of 4 and 3 images
        shifted = (
            corrupted.images
            + np.uint8(10 * found.severity + 2)
            + np.arange(7, dtype="uint8")[:, None, None, None]
        )
        np.testing.assert_allclose(found.logits, predict(shifted), rtol=1e-6)


def test_summary_of_a_cell():
    logits, labels = np.array([[2.0, 0.0], [0.0, 1.0]], "float32"), np.array([0, 0])
    for temperature in (1.0, 2.0):
        found = GridCell("fog", 1, logits, labels).summary(temperature)
        assert found == classification_summary(logits, labels, temperature, detailed=False)


@pytest.mark.parametrize("corruption", ["gaussian_noise", "brightness"])
def test_real_corruptions_do_not_depend_on_the_batch_size(corruption):
    corrupted = benchmark(corruption, 2, seed=5)
    logits = [next(grid_cells(predict, corrupted, batch_size)).logits for batch_size in (2, 7)]
    np.testing.assert_allclose(logits[0], logits[1], rtol=1e-5)
    np.testing.assert_allclose(
        logits[0], predict(corrupt(corrupted.images, corruption, 2, 5)), rtol=1e-5
    )
    assert not np.allclose(logits[0], predict(corrupted.images), rtol=1e-3)


def test_bad_batch_size():
    with pytest.raises(
        ValueError, match=r"Expected batch_size to be a positive integer. Received: 0"
    ):
        evaluate_grid(predict, benchmark(), batch_size=0)
