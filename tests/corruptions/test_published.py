"""Reading published arrays."""

import numpy as np
import pytest
import tensorflow_datasets as tfds

from tf_varmixup.corruptions import (
    BENCHMARK,
    CORRUPTIONS,
    SEVERITIES,
    load_published,
    published,
    published_corruptions,
)

IMAGES = np.random.default_rng(0).integers(0, 256, (20, 8, 8, 3), np.uint8)


@pytest.mark.parametrize("repeats", [1, 5])
def test_rows_of_a_severity(tmp_path, repeats):
    labels = np.array([3, 1, 4, 1], np.uint8)
    np.save(tmp_path / "fog.npy", IMAGES)
    np.save(tmp_path / "labels.npy", np.tile(labels, repeats))
    images, found = load_published(tmp_path, "fog", 2)
    np.testing.assert_array_equal(images, IMAGES[4:8])
    assert isinstance(images, np.memmap)
    assert not images.flags.writeable
    assert found.dtype == np.int64
    np.testing.assert_array_equal(found, labels)


def test_missing_files_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"fog\.npy"):
        load_published(tmp_path, "fog", 1)
    np.save(tmp_path / "fog.npy", IMAGES)
    with pytest.raises(FileNotFoundError, match=r"labels\.npy"):
        load_published(tmp_path, "fog", 1)


@pytest.mark.parametrize("images", [IMAGES[:19], IMAGES[0], IMAGES.astype(np.float32), IMAGES[:0]])
def test_bad_images(tmp_path, images):
    np.save(tmp_path / "fog.npy", images)
    np.save(tmp_path / "labels.npy", np.zeros(4, np.int64))
    with pytest.raises(ValueError, match=r"fog\.npy to be uint8"):
        load_published(tmp_path, "fog", 1)


@pytest.mark.parametrize("labels", [np.zeros(5, np.int64), np.zeros(4), np.zeros((4, 1), np.int64)])
def test_bad_labels(tmp_path, labels):
    np.save(tmp_path / "fog.npy", IMAGES)
    np.save(tmp_path / "labels.npy", labels)
    with pytest.raises(ValueError, match=r"labels\.npy to be integers"):
        load_published(tmp_path, "fog", 1)


def test_pickles_are_not_opened(tmp_path):
    np.save(tmp_path / "fog.npy", np.array([{}], object), allow_pickle=True)
    np.save(tmp_path / "labels.npy", np.zeros(4, np.int64))
    with pytest.raises(ValueError, match=r"allow_pickle|Python objects"):
        load_published(tmp_path, "fog", 1)


@pytest.mark.parametrize("kept", [0, 50, 1000])
def test_a_file_that_was_cut_short_is_named(tmp_path, kept):
    np.save(tmp_path / "fog.npy", IMAGES)
    np.save(tmp_path / "labels.npy", np.zeros(4, np.int64))
    (tmp_path / "fog.npy").write_bytes((tmp_path / "fog.npy").read_bytes()[:kept])
    with pytest.raises(ValueError, match=r"Expected .*fog\.npy to be an array"):
        load_published(tmp_path, "fog", 1)


def test_unknown_cell(tmp_path):
    with pytest.raises(ValueError, match="one of 'gaussian_noise'"):
        load_published(tmp_path, "rain", 1)
    with pytest.raises(ValueError, match="1 to 5"):
        load_published(tmp_path, "fog", 9)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A TFDS data folder in which `cifar10_corrupted` holds four images under each corruption but
    spatter."""
    folder = tmp_path_factory.mktemp("tfds")
    features = {
        "image": tfds.features.Image(shape=(32, 32, 3)),
        "label": tfds.features.ClassLabel(num_classes=10),
    }
    for name in CORRUPTIONS:
        for severity in SEVERITIES if name != "spatter" else ():
            tfds.dataset_builders.store_as_tfds_dataset(
                "cifar10_corrupted",
                config=published._tfds_config(name, severity),
                version="1.0.0",
                features=tfds.features.FeaturesDict(features),
                split_datasets={
                    "test": [
                        (n, {"image": image, "label": n})
                        for n, image in enumerate(tfds_images(name, severity))
                    ]
                },
                data_dir=folder,
                disable_shuffling=True,
            )
    return folder


def tfds_images(name, severity):
    return np.full((4, 32, 32, 3), 10 * CORRUPTIONS.index(name) + severity, np.uint8)


@pytest.mark.parametrize("name", ["fog", "glass_blur", "elastic_transform"])
def test_images_that_tfds_prepared(prepared, name):
    images, labels = load_published(prepared, name, 2)
    np.testing.assert_array_equal(images, tfds_images(name, 2))
    assert labels.tolist() == [0, 1, 2, 3]
    assert labels.dtype == np.int64


def test_what_tfds_prepared_is_found_without_reading_it(prepared, monkeypatch, tmp_path):
    with pytest.raises(FileNotFoundError, match="spatter_1"):
        load_published(prepared, "spatter", 1)
    monkeypatch.setattr(published, "_read_tfds", None)
    assert published_corruptions(prepared, (32, 32, 3)) == tuple(
        name for name in CORRUPTIONS if name != "spatter"
    )
    with pytest.raises(
        ValueError, match=r"gaussian_noise .* \(28, 28, 1\)\. Received: \(32, 32, 3\)"
    ):
        published_corruptions(prepared, (28, 28, 1))
    (tmp_path / "cifar10_corrupted").mkdir()
    with pytest.raises(FileNotFoundError, match="gaussian_noise_1"):
        published_corruptions(tmp_path, (32, 32, 3))


def test_published_arrays_are_found(tmp_path):
    for name in (*BENCHMARK, "saturate"):
        np.save(tmp_path / f"{name}.npy", IMAGES)
    np.save(tmp_path / "labels.npy", np.zeros(4, np.int64))
    assert published_corruptions(tmp_path, (8, 8, 3)) == (*BENCHMARK, "saturate")
    (tmp_path / "fog.npy").unlink()
    with pytest.raises(FileNotFoundError, match=r"fog\.npy"):
        published_corruptions(tmp_path, (8, 8, 3))
