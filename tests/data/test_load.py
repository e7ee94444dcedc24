import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup.data import load, load_data


def write(folder, count=4):
    folder.mkdir(parents=True)
    for number in range(count):
        (folder / f"{number}.png").write_bytes(
            tf.io.encode_png(np.full((8, 8, 3), number, np.uint8)).numpy()
        )


def test_digits_and_their_validation_split():
    data = load_data("digits")
    train = np.bincount(data.train.labels) + np.bincount(data.validation.labels)
    assert train.tolist() == [142, 146, 142, 146, 145, 146, 145, 143, 139, 144]
    assert np.bincount(data.validation.labels).tolist() == [14, 15, 14, 15, 15, 15, 15, 14, 14, 14]
    images = [
        {image.tobytes() for image in split.images}
        for split in (data.train, data.validation, data.test)
    ]
    assert sum(map(len, images)) == len(set.union(*images)) == 1797
    again = load_data("digits", validation_fraction=0.1)
    np.testing.assert_array_equal(again.validation.images, data.validation.images)


def test_validation_fraction():
    whole = load_data("digits", validation_fraction=0)
    assert len(whole.validation) == 0
    assert len(whole.train) == 1438
    half = load_data("digits", validation_fraction=0.5)
    assert abs(len(half.validation) - 719) <= 5
    np.testing.assert_array_equal(half.test.images, whole.test.images)


def test_cifar10(tfds_dir):
    data = load_data("cifar10", data_dir=str(tfds_dir))
    assert (len(data.train), len(data.validation), len(data.test)) == (45_000, 5_000, 10_000)
    assert np.bincount(data.train.labels).tolist() == [4500] * 10
    assert np.bincount(data.validation.labels).tolist() == [500] * 10
    # The published means of the channels; copies that were compressed in between differ by 0.005.
    means = [np.mean(split.images, axis=(0, 1, 2)) for split in (data.train, data.validation)]
    published = [0.4914, 0.4822, 0.4465]
    np.testing.assert_allclose(np.dot([0.9, 0.1], means) / 255.0, published, atol=0.01)


def test_folder(tmp_path, monkeypatch):
    for name in ("a", "b"):
        write(tmp_path / "images" / name)
    data = load_data(tmp_path / "images", image_size=9, validation_fraction=0.3)
    assert data.name == "images"
    assert data.image_shape == (9, 9, 3)
    assert (len(data.train), len(data.validation), len(data.test)) == (4, 2, 2)
    monkeypatch.chdir(tmp_path)
    np.testing.assert_array_equal(
        load_data("images", image_size=9, validation_fraction=0.3).train.images, data.train.images
    )


def test_a_tfds_name_is_not_a_folder_unless_written_as_a_path(tmp_path, monkeypatch):
    for name in ("a", "b"):
        write(tmp_path / "cifar10" / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        load,
        "stream_tensorflow_dataset",
        lambda *_: pytest.fail("asked TFDS") if _[0] != "cifar10" else load.load_digits(),
    )
    assert load_data("cifar10").name == "digits"
    assert load_data("./cifar10").class_names == ("a", "b")


@pytest.mark.parametrize(
    ("name", "close"),
    [("cifar11", "cifar10"), ("fashion-mnist", "fashion_mnist"), ("digit", "digits")],
)
def test_unknown_name(name, close, tmp_path):
    with pytest.raises(ValueError, match=rf"Received: '{name}'\..*'{close}'") as error:
        load_data(name, data_dir=tmp_path)
    assert "\n" not in str(error.value)


def test_unknown_path(tmp_path):
    with pytest.raises(ValueError, match=r"a folder that exists\. Received: .*nowhere'\.$"):
        load_data(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (dict(image_size=7), r"image_size to be an integer of at least 8\. Received: 7"),
        (
            dict(validation_fraction=1.0),
            r"validation_fraction to be a number of at least 0 and below 1\. Received: 1\.0",
        ),
        (dict(validation_fraction=-0.1), r"Received: -0\.1"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        load_data("digits", **arguments)
