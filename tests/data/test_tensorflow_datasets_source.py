import time
import types

import numpy as np
import pytest
import requests
import tensorflow_datasets as tfds

from tf_varmixup.data import tensorflow_datasets_builder as builders
from tf_varmixup.data import tensorflow_datasets_source as source

FEATURES = tfds.features


class Builder:
    """Stands in for a TFDS builder that is not prepared and has something to download."""

    url_infos = types.MappingProxyType({"https://example.invalid/images.zip": None})

    def __init__(self, **features):
        self.info = type(
            "Info", (), {"features": FEATURES.FeaturesDict(features), "supervised_keys": None}
        )()

    def is_prepared(self):
        return False


def prepare(folder, name, feature, images, labels, splits=("train", "test"), num_classes=2):
    """Write a dataset that TFDS has no code for, as TFDS stores it; split s has `images[s]`."""
    features = FEATURES.FeaturesDict(
        {"image": feature, "kind": FEATURES.ClassLabel(num_classes=num_classes)}
    )
    tfds.dataset_builders.store_as_tfds_dataset(
        name=name,
        version="1.0.0",
        data_dir=str(folder),
        features=features,
        split_datasets={
            split: [
                (key, {"image": image, "kind": labels[split][key]})
                for key, image in enumerate(images[split])
            ]
            for split in splits
        },
    )


def test_fashion_mnist(tfds_dir, caplog):
    # Whole datasets are decoded in test_load.py, which costs the most here.
    data = source.stream_tensorflow_dataset("fashion_mnist", tfds_dir)
    assert data.name == "fashion_mnist"
    assert data.flip is True
    assert data.class_names[:2] == ("T-shirt/top", "Trouser")
    assert data.image_shape == (28, 28, 1)
    assert np.bincount(data.train.labels).tolist() == [6000] * 10
    assert np.bincount(data.test.labels).tolist() == [1000] * 10
    assert len(data.validation) == 0
    assert not caplog.records
    # Every tenth; the published mean of all is 0.2860 of 255.
    assert abs(data.train.images[::10].mean() - 72.94) < 1.5
    images = data.test.images[:300]
    for row, example in enumerate(
        tfds.as_numpy(tfds.load("fashion_mnist", split="test[:300]", data_dir=tfds_dir))
    ):
        np.testing.assert_array_equal(images[row], example["image"])  # in the order of TFDS' files
        assert data.test.labels[row] == example["label"]


@pytest.mark.parametrize("name", ["mnist", "emnist/letters", "svhn_cropped"])
def test_missing_dataset_fails_quickly_and_clearly(name, tmp_path, monkeypatch, caplog):
    def no_network(url, **arguments):
        raise requests.exceptions.ConnectionError("Failed to resolve")

    monkeypatch.setattr(builders.requests, "head", no_network)
    begin = time.time()
    with pytest.raises(ConnectionError) as error:
        source.load_tensorflow_dataset(name, tmp_path)
    assert time.time() - begin < 10
    message = str(error.value)
    assert "\n" not in message
    for part in (
        repr(name),
        str(tmp_path),
        "data_dir",
        "TFDS_DATA_DIR",
        "digits",
        "no connection to http",
    ):
        assert part in message
    assert list(tmp_path.iterdir()) == []
    assert not caplog.records


def test_whatever_fails_in_preparing_is_said(tmp_path, monkeypatch):
    def fail(self):
        raise RuntimeError("checksum of the archive is wrong\nand a long story")

    monkeypatch.setattr(builders.requests, "head", lambda url, **arguments: None)
    monkeypatch.setattr(Builder, "download_and_prepare", fail, raising=False)
    builder = Builder(image=FEATURES.Image(shape=(9, 9, 3)), label=FEATURES.ClassLabel(names="ab"))
    monkeypatch.setattr(builders.tfds, "builder", lambda *_, **__: builder)
    with pytest.raises(
        ConnectionError,
        match=r"RuntimeError: checksum of the archive is wrong\. Name a TFDS data folder",
    ):
        source.load_tensorflow_dataset("stranger", tmp_path)


@pytest.mark.parametrize(
    "error",
    [requests.exceptions.SSLError, requests.exceptions.ReadTimeout, requests.exceptions.InvalidURL],
)
def test_odd_answers_are_left_to_tfds(error, monkeypatch):
    def answer(url, **arguments):
        raise error("odd")

    monkeypatch.setattr(builders.requests, "head", answer)
    builders._check_network(Builder())


@pytest.mark.parametrize(
    ("features", "message"),
    [
        (
            dict(a=FEATURES.Image(), b=FEATURES.Text()),
            r"one Image and one ClassLabel\. Received: the features a \(Image\), b \(Text\)",
        ),
        (
            dict(
                a=FEATURES.Image(),
                b=FEATURES.ClassLabel(num_classes=2),
                c=FEATURES.ClassLabel(num_classes=2),
            ),
            r"c \(ClassLabel\)",
        ),
        (
            dict(a=FEATURES.Image(), b=FEATURES.ClassLabel(num_classes=2)),
            "image_size .* different sizes",
        ),
        (
            dict(a=FEATURES.Image(shape=(6, 9, 1)), b=FEATURES.ClassLabel(num_classes=2)),
            r"at least 8 x 8\. Received: 6 x 9",
        ),
    ],
)
def test_unfit_features(features, message, monkeypatch):
    monkeypatch.setattr(builders.tfds, "builder", lambda *_, **__: Builder(**features))
    with pytest.raises(ValueError, match=message):
        source.load_tensorflow_dataset("stranger")


def test_unknown_configuration(tmp_path):
    with pytest.raises(ValueError, match="'emnist/greek'") as error:
        source.load_tensorflow_dataset("emnist/greek", tmp_path)
    assert "\n" not in str(error.value)


def test_prepared_without_code(tmp_path):
    """RGBA, of several sizes, unlabelled test split, called as TFDS has no code for."""
    sizes = [(10 + number, 9, 4) for number in range(10)]
    images = {
        split: [np.full(size, 20 * number, np.uint8) for number, size in enumerate(sizes)]
        for split in ("train", "test")
    }
    labels = {"train": [number % 2 for number in range(10)], "test": [-1] * 10}
    prepare(tmp_path, "own_images", FEATURES.Image(shape=(None, None, 4)), images, labels)
    assert builders.is_prepared("own_images", tmp_path)
    assert not builders.is_prepared("own_paintings", tmp_path)
    assert not builders.is_prepared("../own_images", tmp_path)
    with pytest.raises(ValueError, match=r"image_size .* different sizes"):
        source.load_tensorflow_dataset("own_images", tmp_path)
    data = source.load_tensorflow_dataset("own_images", tmp_path, image_size=12)
    assert data.image_shape == (12, 12, 3)
    assert data.num_classes == 2
    assert "The split 'test' has no labels and is not used." in data.notes
    # The test split has no classes, so one of five is held out of each class of the training split.
    assert np.bincount(data.train.labels).tolist() == [4, 4]
    assert np.bincount(data.test.labels).tolist() == [1, 1]
    seen = np.concatenate([split.images[:, 0, 0, 0] for split in (data.train, data.test)])
    assert sorted(seen) == [20 * number for number in range(10)]
    for split in (data.train, data.test):
        np.testing.assert_array_equal(split.images[:, 5, 5, 2] // 20 % 2, split.labels)


def test_validation_stands_in_for_test_and_the_environment_names_the_folder(tmp_path, monkeypatch):
    images = {
        split: np.full((4, 8, 8, 1), level, np.uint8)
        for split, level in (("train", 1), ("validation", 2))
    }
    labels = {split: [0, 1, 0, 1] for split in images}
    prepare(
        tmp_path,
        "own_digits",
        FEATURES.Image(shape=(8, 8, 1)),
        images,
        labels,
        splits=("train", "validation"),
    )
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    data = source.load_tensorflow_dataset("own_digits")
    assert (data.train.images == 1).all()
    assert (data.test.images == 2).all()
    assert len(data.test) == 4
    assert "The test images are those of the split 'validation'." in data.notes


def test_no_training_split(tmp_path):
    images, labels = {"test": np.zeros((2, 8, 8, 1), np.uint8)}, {"test": [0, 1]}
    prepare(tmp_path, "own_test", FEATURES.Image(shape=(8, 8, 1)), images, labels, splits=("test",))
    with pytest.raises(ValueError, match=r"to have a split 'train'\. Received: test"):
        source.load_tensorflow_dataset("own_test", tmp_path)
