import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup.data.folder_source import load_folder

ENCODERS = {
    ".png": tf.io.encode_png,
    ".jpg": lambda picture: tf.io.encode_jpeg(picture, quality=100),
}


def write(folder, *, shape=(10, 12, 3), count=10, level=0, suffix=".png"):
    """Pictures `folder/000.png`, ... each filled with its own level."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        picture = np.full(shape, level + number, np.uint8)
        (folder / f"{number:03}{suffix}").write_bytes(ENCODERS[suffix.lower()](picture).numpy())


def levels(split):
    assert (split.images == split.images[:, :1, :1, :1]).all()
    return split.images[:, 0, 0, 0]


def test_class_folders(tmp_path):
    write(tmp_path / "zebra", level=100)
    write(tmp_path / "ant", level=0, count=20)
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "ant" / "notes.txt").write_text("no picture")
    data = load_folder(tmp_path)
    assert data.name == tmp_path.name and data.flip is True
    assert data.class_names == ("ant", "zebra") and data.image_shape == (10, 12, 3)
    assert np.bincount(data.train.labels).tolist() == [16, 8] and np.bincount(
        data.test.labels
    ).tolist() == [4, 2]
    assert sorted([*levels(data.train), *levels(data.test)]) == [*range(20), *range(100, 110)]
    for split in (data.train, data.test):
        np.testing.assert_array_equal(split.labels, levels(split) >= 100)
    assert 0 < data.train.take(12).labels.sum() < 12  # not sorted by class
    again = load_folder(tmp_path)
    np.testing.assert_array_equal(again.train.images, data.train.images)


@pytest.mark.parametrize("names", [["test"], ["validation"], ["val"], ["test", "val"]])
def test_train_and_test_folders(tmp_path, names):
    for name, level in (
        ("train", 0),
        *((name, 100 + 50 * place) for place, name in enumerate(names)),
    ):
        write(tmp_path / name / "a", level=level, count=5)
        write(
            tmp_path / name / "b",
            level=level + 20,
            count=3,
            suffix=".JPG" if name == "train" else ".png",
        )
    data = load_folder(tmp_path)
    assert sorted(levels(data.train)) == [0, 1, 2, 3, 4, 20, 21, 22]
    assert sorted(levels(data.test)) == [100, 101, 102, 103, 104, 120, 121, 122]
    np.testing.assert_array_equal(data.test.labels, levels(data.test) >= 120)


def test_train_folder_alone(tmp_path):
    write(tmp_path / "train" / "a")
    write(tmp_path / "train" / "b")
    data = load_folder(tmp_path)
    assert (len(data.train), len(data.test)) == (16, 4)


def test_test_folder_with_other_classes(tmp_path):
    for path in ("train/a", "train/b", "test/a", "test/c"):
        write(tmp_path / path, count=1)
    with pytest.raises(ValueError, match="has the classes a, c, but training has a, b"):
        load_folder(tmp_path)


def test_channels(tmp_path):
    for name, channels in (("grey", 1), ("grey_and_alpha", 2)):
        write(tmp_path / name, shape=(8, 8, channels))
    assert load_folder(tmp_path).image_shape == (8, 8, 1)
    write(tmp_path / "transparent", shape=(8, 8, 4), level=50)
    data = load_folder(tmp_path)
    assert data.image_shape == (8, 8, 3)
    assert sorted([*levels(data.train), *levels(data.test)]) == sorted(
        [*range(10), *range(10), *range(50, 60)]
    )


def test_other_formats(tmp_path):
    image = pytest.importorskip("PIL.Image")
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        frames = [image.new("RGB", (9, 8), (level, level, level)) for level in (40, 200)]
        frames[0].save(tmp_path / name / "0.gif", save_all=True, append_images=frames[1:])
        image.new("RGB", (9, 8), (40, 40, 40)).save(tmp_path / name / "1.bmp")
    data = load_folder(tmp_path)
    assert data.image_shape == (8, 9, 3)
    assert levels(data.train).tolist() == [40, 40]


def test_mixed_sizes(tmp_path):
    write(tmp_path / "a", shape=(10, 12, 3))
    write(tmp_path / "b", shape=(20, 16, 3))
    with pytest.raises(ValueError, match=r"10 x 12 .* and 20 x 16 .*--image_size"):
        load_folder(tmp_path)
    data = load_folder(tmp_path, image_size=9)
    assert data.image_shape == (9, 9, 3)
    assert sorted([*levels(data.train), *levels(data.test)]) == sorted([*range(10), *range(10)])


def test_too_few_classes(tmp_path):
    with pytest.raises(ValueError, match="at least two classes; found none"):
        load_folder(tmp_path)
    write(tmp_path / "cats", count=1)
    with pytest.raises(ValueError, match="at least two classes; found only 'cats'"):
        load_folder(tmp_path)


def test_class_without_pictures(tmp_path):
    write(tmp_path / "a", count=1)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="empty has no pictures"):
        load_folder(tmp_path)


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 40])
@pytest.mark.parametrize("name", ["000.png", "007.png"])
def test_unreadable_picture(tmp_path, name, content):
    write(tmp_path / "a")
    write(tmp_path / "b")
    (tmp_path / "a" / name).write_bytes(content)
    with pytest.raises(ValueError, match=f"{name} cannot be read"):
        load_folder(tmp_path)


def test_small_pictures(tmp_path):
    write(tmp_path / "a", shape=(7, 30, 3))
    write(tmp_path / "b", shape=(7, 30, 3))
    with pytest.raises(ValueError, match="are 7 x 30; at least 8 x 8"):
        load_folder(tmp_path)
    assert load_folder(tmp_path, image_size=8).image_shape == (8, 8, 3)
