import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup.corruptions import CorruptionBenchmark
from tf_varmixup.data import Split
from tf_varmixup.evaluation import evaluate_grid, stored_grid_cells
from tf_varmixup.files import KeptFiles


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
    assert [path.name.split(".")[0] for path in tmp_path.iterdir()] == ["contrast"]

    calls = []

    def counting(images, indices):
        calls.append(1)
        return predict(images, indices)

    cells = list(stored_grid_cells(tmp_path, counting, benchmark(), 4))
    # Two batches for each of the two cells that were left, and one that tells the classifier.
    assert len(calls) == 5
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
    assert [path.name.split(".")[0] for path in tmp_path.iterdir()] == ["contrast"]


def damaged(content):
    """Return what a file can become: cut, empty, overwritten, foreign, and gone."""
    middle = len(content) // 2
    return [
        content[:middle],
        b"",
        content[:middle] + b"\x00" * 9 + content[middle + 9 :],
        b"x",
        None,
    ]


@pytest.mark.parametrize("way", range(5))
def test_a_file_that_is_damaged_is_made_again(tmp_path, way, caplog):
    whole = list(stored_grid_cells(tmp_path, predict, benchmark(), 4))
    path = next(tmp_path.glob("contrast.*"))
    content = damaged(path.read_bytes())[way]
    path.unlink() if content is None else path.write_bytes(content)
    again = list(stored_grid_cells(tmp_path, predict, benchmark(), 4))
    for one, other in zip(whole, again, strict=True):
        np.testing.assert_array_equal(one.logits, other.logits)
    assert ("damaged" in caplog.text) == (content is not None)
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("what", ["classifier", "labels", "seed"])
def test_one_folder_never_serves_another_classifier_or_other_images(tmp_path, what):
    def other_predict(images, indices):
        return -predict(images, indices)

    grid = benchmark()
    corruptions, labels = ("gaussian_noise",), grid.labels
    first = CorruptionBenchmark((grid.images, labels), corruptions, (1, 5), seed=3)
    list(stored_grid_cells(tmp_path, predict, first, 4))
    labels = np.roll(labels, 1) if what == "labels" else labels
    second = CorruptionBenchmark(
        (grid.images, labels), corruptions, (1, 5), seed=4 if what == "seed" else 3
    )
    now = other_predict if what == "classifier" else predict
    found = list(stored_grid_cells(tmp_path, now, second, 4))
    for one, alone in zip(found, evaluate_grid(now, second, 4), strict=True):
        np.testing.assert_array_equal(one.logits, alone.logits)
        np.testing.assert_array_equal(one.labels, alone.labels)


def test_files_of_fewer_images_or_of_another_run_are_made_again(tmp_path):
    fewer = CorruptionBenchmark(
        (benchmark().images, benchmark().labels), ("contrast", "brightness"), (1, 5), 3, seed=3
    )
    list(stored_grid_cells(tmp_path, predict, fewer, 4))
    cells = list(stored_grid_cells(tmp_path, predict, benchmark(), 4))
    assert [len(cell.logits) for cell in cells] == [6] * 4
    other = KeptFiles(tmp_path, key="another run")
    list(stored_grid_cells(other, lambda *batch: 2.0 * predict(*batch), benchmark(), 4))
    assert len(list(tmp_path.iterdir())) == 2
