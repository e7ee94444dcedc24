"""Reading published arrays."""

import numpy as np
import pytest

from tf_varmixup.corruptions import load_published

IMAGES = np.random.default_rng(0).integers(0, 256, (20, 8, 8, 3), np.uint8)


@pytest.mark.parametrize("repeats", [1, 5])
def test_rows_of_a_severity(tmp_path, repeats):
    labels = np.array([3, 1, 4, 1], np.uint8)
    np.save(tmp_path / "fog.npy", IMAGES)
    np.save(tmp_path / "labels.npy", np.tile(labels, repeats))
    images, found = load_published(tmp_path, "fog", 2)
    np.testing.assert_array_equal(images, IMAGES[4:8])
    assert isinstance(images, np.memmap) and not images.flags.writeable
    assert found.dtype == np.int64
    np.testing.assert_array_equal(found, labels)


def test_missing_files_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="fog.npy"):
        load_published(tmp_path, "fog", 1)
    np.save(tmp_path / "fog.npy", IMAGES)
    with pytest.raises(FileNotFoundError, match="labels.npy"):
        load_published(tmp_path, "fog", 1)


@pytest.mark.parametrize("images", [IMAGES[:19], IMAGES[0], IMAGES.astype(np.float32), IMAGES[:0]])
def test_bad_pictures(tmp_path, images):
    np.save(tmp_path / "fog.npy", images)
    np.save(tmp_path / "labels.npy", np.zeros(4, np.int64))
    with pytest.raises(ValueError, match="fog.npy should be uint8"):
        load_published(tmp_path, "fog", 1)


@pytest.mark.parametrize("labels", [np.zeros(5, np.int64), np.zeros(4), np.zeros((4, 1), np.int64)])
def test_bad_labels(tmp_path, labels):
    np.save(tmp_path / "fog.npy", IMAGES)
    np.save(tmp_path / "labels.npy", labels)
    with pytest.raises(ValueError, match="labels.npy should be integers"):
        load_published(tmp_path, "fog", 1)


def test_pickles_are_not_opened(tmp_path):
    np.save(tmp_path / "fog.npy", np.array([{}], object), allow_pickle=True)
    np.save(tmp_path / "labels.npy", np.zeros(4, np.int64))
    with pytest.raises(ValueError, match=r"allow_pickle|Python objects"):
        load_published(tmp_path, "fog", 1)


def test_unknown_cell(tmp_path):
    with pytest.raises(ValueError, match="known are"):
        load_published(tmp_path, "rain", 1)
    with pytest.raises(ValueError, match="1 to 5"):
        load_published(tmp_path, "fog", 9)
