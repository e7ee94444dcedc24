import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup.corruptions import CorruptionBenchmark
from tf_varmixup.data import Split
from tf_varmixup.evaluation import evaluate_grid, stored_grid_cells


def benchmark():
    split = Split(
        np.random.default_rng(0).integers(0, 256, (6, 8, 8, 3), dtype="uint8"), np.arange(6) % 3
    )
    return CorruptionBenchmark(split, ("contrast", "brightness"), (1, 5), seed=3)


def predict(images, indices):
    return tf.reduce_mean(tf.cast(images, tf.float32), (1, 2))


def test_an_interrupted_grid_goes_on_where_it_stopped(tmp_path):
    seen = []

    def stop_in_the_second(images, indices):
        if len(seen) == 2:
            raise KeyboardInterrupt
        return predict(images, indices)

    with pytest.raises(KeyboardInterrupt):
        seen.extend(stored_grid_cells(tmp_path, stop_in_the_second, benchmark(), 4))
    assert [path.name for path in tmp_path.iterdir()] == ["contrast.npz"]

    calls = []

    def counting(images, indices):
        calls.append(1)
        return predict(images, indices)

    cells = list(stored_grid_cells(tmp_path, counting, benchmark(), 4))
    assert len(calls) == 4  # two batches for each of the two cells that were left
    for cell, expected in zip(cells, evaluate_grid(predict, benchmark(), 4), strict=True):
        assert (cell.corruption, cell.severity, cell.published) == (
            expected.corruption,
            expected.severity,
            expected.published,
        )
        np.testing.assert_array_equal(cell.logits, expected.logits)
        np.testing.assert_array_equal(cell.labels, expected.labels)


def test_cells_come_one_by_one(tmp_path):
    cells = stored_grid_cells(tmp_path, predict, benchmark(), 4)
    assert (next(cells).corruption, next(cells).severity) == ("contrast", 5)
    assert not list(tmp_path.iterdir())
    assert next(cells).corruption == "brightness"
    assert [path.name for path in tmp_path.iterdir()] == ["contrast.npz"]
