import numpy as np
import tensorflow as tf

from tf_varmixup.corruptions import CorruptionBenchmark
from tf_varmixup.evaluation import evaluate_grid, stored_grid_cells
from tf_varmixup.files import KeptFiles
from tf_varmixup.run.cluster import Cluster
from tf_varmixup.training import grid_of_workers

IMAGES = np.random.default_rng(0).integers(0, 256, (6, 8, 8, 1)).astype("uint8")
BENCHMARK = CorruptionBenchmark(
    (IMAGES, np.arange(6) % 2), ["contrast", "fog", "saturate"], severities=[1, 4]
)


def predict(images, indices):
    rows = tf.reshape(tf.cast(images, tf.float32), (len(images), -1))
    return tf.stack([tf.reduce_mean(rows, 1), tf.cast(indices, tf.float32)], 1)


def measure(monkeypatch, folder, index, others):
    """Measure as one of two workers; what the other tells is in a list, or noted there."""
    seen, told = [], []

    def summed(_, array):
        told.append(array)
        return array + others[len(told) - 1] if others else array

    monkeypatch.setattr(grid_of_workers, "sum_over_workers", summed)
    cluster = Cluster(("a:1", "b:1"), index)
    kept = KeptFiles(folder)
    grid_of_workers.measure_grid(predict, BENCHMARK, kept, 2, None, cluster, seen.append)
    return seen, told


def test_two_workers_measure_what_one_does_and_the_chief_keeps_it(tmp_path, monkeypatch):
    lacking = np.ones(3, "int32")
    nothing = [lacking, *[np.zeros((2, 6, 2), "float32")] * 3]
    _, told = measure(monkeypatch, tmp_path / "worker", 1, nothing)
    assert [bool(array.any()) for array in told[1:]] == [False, True, False]
    others = [np.zeros(3, "int32"), *told[1:]]
    seen, told = measure(monkeypatch, tmp_path / "chief", 0, others)
    assert [bool(array.any()) for array in told[1:]] == [True, False, True]
    expected = evaluate_grid(predict, BENCHMARK)
    kept = list(stored_grid_cells(KeptFiles(tmp_path / "chief"), None, BENCHMARK))
    for found in (seen, kept):
        assert [(one.corruption, one.severity) for one in found] == [
            (one.corruption, one.severity) for one in expected
        ]
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_array_equal(one.logits, other.logits)
            np.testing.assert_array_equal(one.labels, other.labels)
    assert not (tmp_path / "worker").exists()


def test_what_the_chief_has_is_not_measured_again(tmp_path, monkeypatch):
    list(stored_grid_cells(KeptFiles(tmp_path), predict, BENCHMARK))
    seen, told = measure(monkeypatch, tmp_path, 0, [])
    assert seen == []
    assert [array.tolist() for array in told] == [[0, 0, 0]]
