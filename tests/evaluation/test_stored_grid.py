import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup.corruptions import CorruptionBenchmark
from tf_varmixup.data import Split
from tf_varmixup.evaluation import evaluate_grid, evaluate_stored_grid


def benchmark():
    split = Split(
        np.random.default_rng(0).integers(0, 256, (6, 8, 8, 3), dtype="uint8"), np.arange(6) % 3
    )
    return CorruptionBenchmark(split, ("contrast", "brightness"), (1, 5), seed=3)


def predict(images):
    return tf.reduce_mean(tf.cast(images, tf.float32), (1, 2))


def test_an_interrupted_grid_goes_on_where_it_stopped(tmp_path):
    seen = []

    def stop_in_the_second(images):
        if len(seen) == 2:
            raise KeyboardInterrupt
        return predict(images)

    with pytest.raises(KeyboardInterrupt):
        evaluate_stored_grid(tmp_path, stop_in_the_second, benchmark(), 4, seen.append)
    assert [path.name for path in tmp_path.iterdir()] == ["contrast.npz"]

    calls, seen = [], []

    def counting(images):
        calls.append(1)
        return predict(images)

    cells = evaluate_stored_grid(tmp_path, counting, benchmark(), 4, seen.append)
    assert (
        len(calls) == 4 and len(seen) == 4
    )  # two batches for each of the two cells that were left
    for cell, expected in zip(cells, evaluate_grid(predict, benchmark(), 4), strict=True):
        assert (cell.corruption, cell.severity, cell.published) == (
            expected.corruption,
            expected.severity,
            expected.published,
        )
        np.testing.assert_array_equal(cell.logits, expected.logits)
        np.testing.assert_array_equal(cell.labels, expected.labels)
