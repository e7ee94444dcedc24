import os
import socket
import time
import unicodedata

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tf_varmixup.data import load_data
from tf_varmixup.data.folder_source import load_folder

ENCODERS = {
    ".png": tf.io.encode_png,
    ".jpg": lambda image: tf.io.encode_jpeg(image, quality=100),
}


def write(folder, *, shape=(10, 12, 3), count=10, level=0, suffix=".png"):
    """Images `folder/000.png`, ... each filled with its own level."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        image = np.full(shape, level + number, np.uint8)
        (folder / f"{number:03}{suffix}").write_bytes(ENCODERS[suffix.lower()](image).numpy())


def levels(split):
    assert (split.images == split.images[:, :1, :1, :1]).all()
    return split.images[:, 0, 0, 0]


def test_class_folders(tmp_path):
    write(tmp_path / "zebra", level=100)
    write(tmp_path / "ant", level=0, count=20)
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "ant" / "notes.txt").write_text("no image")
    data = load_folder(tmp_path)
    assert data.name == tmp_path.name
    assert data.flip is True
    assert data.class_names == ("ant", "zebra")
    assert data.image_shape == (10, 12, 3)
    assert np.bincount(data.train.labels).tolist() == [16, 8]
    assert np.bincount(data.test.labels).tolist() == [4, 2]
    assert sorted([*levels(data.train), *levels(data.test)]) == [*range(20), *range(100, 110)]
    for split in (data.train, data.test):
        np.testing.assert_array_equal(split.labels, levels(split) >= 100)
    assert 0 < data.train.take(12).labels.sum() < 12  # not sorted by class
    again = load_folder(tmp_path)
    np.testing.assert_array_equal(again.train.images, data.train.images)


@pytest.mark.parametrize(
    ("train", "others"),
    [
        ("train", ["test"]),
        ("train", ["validation"]),
        ("train", ["val"]),
        ("Train", ["Test"]),
        ("training", ["testing"]),
        ("TRAIN", ["valid"]),
        ("train", ["dev"]),
        ("training_set", ["test_set"]),
        ("train-images", ["Test Images"]),
    ],
)
def test_train_and_test_folders(tmp_path, train, others):
    for name, level in ((train, 0), (others[0], 100)):
        write(tmp_path / name / "a", level=level, count=5)
        suffix = ".JPG" if name == train else ".png"
        write(tmp_path / name / "b", level=level + 20, count=3, suffix=suffix)
    data = load_folder(tmp_path)
    assert data.class_names == ("a", "b")
    assert sorted(levels(data.train)) == [0, 1, 2, 3, 4, 20, 21, 22]
    assert sorted(levels(data.test)) == [100, 101, 102, 103, 104, 120, 121, 122]
    assert len(data.validation) == 0
    np.testing.assert_array_equal(data.test.labels, levels(data.test) >= 120)
    stands_in = others[0].lower() not in ("test", "testing", "test_set", "test images")
    assert (f"The test images are those of {others[0]}." in data.notes) == stands_in


@pytest.mark.parametrize("name", ["validation", "val", "Valid", "dev"])
def test_validation_folder_beside_a_test_folder_is_the_validation_split(tmp_path, name):
    for split, level in (("train", 0), ("test", 100), (name, 200)):
        write(tmp_path / split / "a", level=level, count=5)
        write(tmp_path / split / "b", level=level + 20, count=3)
    data = load_folder(tmp_path)
    assert sorted(levels(data.train)) == [0, 1, 2, 3, 4, 20, 21, 22]
    assert sorted(levels(data.test)) == [100, 101, 102, 103, 104, 120, 121, 122]
    assert sorted(levels(data.validation)) == [200, 201, 202, 203, 204, 220, 221, 222]
    np.testing.assert_array_equal(data.validation.labels, levels(data.validation) >= 220)
    note = f"The validation images are those of {name}; none are held out of training."
    assert note in data.notes
    whole = load_data(tmp_path)
    np.testing.assert_array_equal(whole.train.images, data.train.images)
    np.testing.assert_array_equal(whole.validation.images, data.validation.images)


def test_train_folder_alone(tmp_path):
    write(tmp_path / "train" / "a")
    write(tmp_path / "train" / "b")
    data = load_folder(tmp_path)
    assert (len(data.train), len(data.test)) == (16, 4)


def test_test_folder_with_other_classes(tmp_path):
    for path in ("train/a", "train/b", "test/a", "test/c"):
        write(tmp_path / path, count=1)
    with pytest.raises(
        ValueError, match=r"test to have the class folders of .*train\. Received: no b, also c"
    ):
        load_folder(tmp_path)


def test_channels(tmp_path):
    for name, channels in (("gray", 1), ("gray_and_alpha", 2)):
        write(tmp_path / name, shape=(8, 8, channels))
    data = load_folder(tmp_path)
    assert data.image_shape == (8, 8, 1)
    # A level v that is opaque to v / 255 comes to v * v / 255 + (255 - v) on white.
    blended = [round(v * v / 255 + 255 - v) for v in range(10)]
    seen = [*levels(data.train), *levels(data.test)]
    assert sorted(seen) == sorted([*range(10), *blended])
    write(tmp_path / "red", shape=(8, 8, 3), level=50)
    data = load_folder(tmp_path)
    assert data.image_shape == (8, 8, 3)
    seen = [*levels(data.train), *levels(data.test)]
    assert sorted(seen) == sorted([*range(10), *blended, *range(50, 60)])


def test_other_formats(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        frames = [Image.new("RGB", (9, 8), (level, level, level)) for level in (40, 200)]
        frames[0].save(tmp_path / name / "0.gif", save_all=True, append_images=frames[1:])
        Image.new("RGB", (9, 8), (40, 40, 40)).save(tmp_path / name / "1.bmp")
    data = load_folder(tmp_path)
    assert data.image_shape == (8, 9, 3)
    assert levels(data.train).tolist() == [40, 40]


def test_mixed_sizes(tmp_path):
    write(tmp_path / "a", shape=(10, 12, 3))
    write(tmp_path / "b", shape=(20, 16, 3))
    with pytest.raises(ValueError, match=r"10 x 12 .* and 20 x 16 "):
        load_folder(tmp_path)
    data = load_folder(tmp_path, image_size=9)
    assert data.image_shape == (9, 9, 3)
    assert sorted([*levels(data.train), *levels(data.test)]) == sorted([*range(10), *range(10)])


def test_a_size_too_large_for_the_memory_is_refused_before_an_image_is_resized(tmp_path):
    for name in ("a", "b"):
        write(tmp_path / name, count=3)
    said = r"fit into half of the memory .* Received: 6 images of 1000000 x 1000000 x 3"
    with pytest.raises(ValueError, match=said):
        load_folder(tmp_path, image_size=1_000_000)


def test_too_few_classes(tmp_path):
    with pytest.raises(ValueError, match=r"at least two classes\. Received: none"):
        load_folder(tmp_path)
    write(tmp_path / "cats", count=1)
    with pytest.raises(ValueError, match=r"at least two classes\. Received: only 'cats'"):
        load_folder(tmp_path)


def test_class_without_images(tmp_path):
    write(tmp_path / "a", count=1)
    (tmp_path / "empty").mkdir()
    with pytest.raises(
        ValueError, match=r"in the class folder .*empty\. Received: an empty folder"
    ):
        load_folder(tmp_path)


@pytest.mark.parametrize("content", [b"", b"not a image", b"\x89PNG\r\n\x1a\n" + b"\0" * 40])
@pytest.mark.parametrize("name", ["000.png", "007.png"])
def test_unreadable_image(tmp_path, name, content):
    write(tmp_path / "a")
    write(tmp_path / "b")
    (tmp_path / "a" / name).write_bytes(content)
    with pytest.raises(ValueError, match=rf"file that can be read\. Received: .*{name} \("):
        load_folder(tmp_path)


def test_small_images(tmp_path):
    write(tmp_path / "a", shape=(7, 30, 3))
    write(tmp_path / "b", shape=(7, 30, 3))
    with pytest.raises(ValueError, match=r"at least 8 x 8\. Received: 7 x 30"):
        load_folder(tmp_path)
    assert load_folder(tmp_path, image_size=8).image_shape == (8, 8, 3)


def notes(data):
    return " ".join(data.notes)


TOOLS = [".ipynb_checkpoints", ".thumbnails", "@eaDir", "__MACOSX", "__macosx", "#recycle"]


@pytest.mark.parametrize("tool", TOOLS)
def test_folders_of_tools_are_no_data(tmp_path, tool):
    for name, level in (("a", 0), ("b", 100)):
        write(tmp_path / name, level=level)
        write(tmp_path / name / tool / "deeper", level=50)
        write(tmp_path / name / "kept" / tool, level=50)
        write(tmp_path / name / "kept", level=level + 20)
    write(tmp_path / tool / "a", level=50)
    data = load_folder(tmp_path)
    assert data.class_names == ("a", "b")
    seen = sorted([*levels(data.train), *levels(data.test)])
    assert seen == [*range(10), *range(20, 30), *range(100, 110), *range(120, 130)]
    assert f"5 x folder {tool}" in notes(data)


def test_a_hidden_folder_above_the_data_hides_nothing(tmp_path):
    write(tmp_path / ".cache" / "animals" / "a")
    write(tmp_path / ".cache" / "animals" / "b")
    data = load_folder(tmp_path / ".cache" / "animals")
    assert len(data.train) == 16
    assert data.notes == ("Training mirrors half of the images left to right.",)


def test_what_is_passed_over_is_counted(tmp_path):
    write(tmp_path / "a")
    write(tmp_path / "b")
    for file in ("a/.DS_Store", "a/._000.png", "b/Thumbs.db", "b/Desktop.ini"):
        (tmp_path / file).write_bytes(b"x")
    for file in (
        "a/1.txt",
        "a/2.TXT",
        "b/3.txt",
        "b/clip.mp4",
        "b/README",
        "labels.csv",
        "0.png",
    ):
        (tmp_path / file).write_bytes(b"x")
    said = notes(load_folder(tmp_path))
    for part in ("3 x .txt", "2 x hidden file", "1 x Thumbs.db", "1 x Desktop.ini", "1 x .mp4"):
        assert part in said
    for part in ("1 x without a suffix", "1 x .csv beside the class folders"):
        assert part in said
    assert "1 x .png beside the class folders" in said


def test_every_suffix_is_read(tmp_path):
    for name, level in (("a", 40), ("b", 200)):
        (tmp_path / name).mkdir()
        image = Image.new("RGB", (9, 8), (level, level, level))
        for suffix in ("webp", "tif", "TIFF", "jfif", "jpe", "JPG", "jpeg", "gif", "bmp", "png"):
            kind = {"tif": "tiff", "jfif": "jpeg", "jpe": "jpeg", "jpg": "jpeg"}
            save = {"lossless": True} if suffix == "webp" else {}
            with open(tmp_path / name / f"1.{suffix}", "wb") as file:
                image.save(file, kind.get(suffix.lower(), suffix), **save)
    data = load_folder(tmp_path)
    assert (len(data.train), len(data.test)) == (16, 4)
    assert set(levels(data.train)) == {40, 200}
    assert "Passed over" not in notes(data)


@pytest.mark.parametrize("suffix", [".heic", ".HEIC", ".svg", ".psd", ".cr2"])
def test_images_that_cannot_be_read_are_refused_by_name(tmp_path, suffix):
    write(tmp_path / "a")
    write(tmp_path / "b")
    (tmp_path / "b" / f"holiday{suffix}").write_bytes(b"x")
    with pytest.raises(ValueError, match=rf"Received: .*holiday{suffix}\. Convert it"):
        load_folder(tmp_path)


def test_links_to_folders_and_files_are_followed(tmp_path):
    write(tmp_path / "elsewhere" / "cats", level=0)
    write(tmp_path / "elsewhere" / "more", level=20)
    root = tmp_path / "data"
    write(root / "dogs", level=100)
    (root / "cats").symlink_to(tmp_path / "elsewhere" / "cats")
    (root / "dogs" / "more").symlink_to("../../elsewhere/more")
    (root / "dogs" / "one.png").symlink_to(tmp_path / "elsewhere" / "cats" / "005.png")
    (tmp_path / "link").symlink_to(root)
    for folder in (root, tmp_path / "link"):
        data = load_folder(folder)
        assert data.name == "data"
        assert data.class_names == ("cats", "dogs")
        seen = sorted([*levels(data.train), *levels(data.test)])
        assert seen == sorted([*range(10), 5, *range(20, 30), *range(100, 110)])
        assert data.notes == ("Training mirrors half of the images left to right.",)


def test_links_that_lead_back_end(tmp_path):
    root = tmp_path / "data"
    write(root / "a", level=0)
    write(root / "b" / "deep", level=100)
    (root / "a" / "self").symlink_to(root / "a")
    (root / "a" / "up").symlink_to("..")
    (root / "a" / "far").symlink_to(tmp_path)
    (root / "b" / "deep" / "up").symlink_to("..")
    (root / "a" / "ring").symlink_to("ring")
    (root / "all").symlink_to(".")
    data = load_folder(root)
    assert data.class_names == ("a", "b")
    assert len(data.train) + len(data.test) == 20
    assert "5 x linked folder that leads back" in notes(data)


def test_a_link_to_nothing_is_refused_by_name(tmp_path):
    write(tmp_path / "a")
    write(tmp_path / "b")
    (tmp_path / "a" / "lost.png").symlink_to("gone.png")
    with pytest.raises(ValueError, match=r"Received: .*lost\.png, a link to nothing"):
        load_folder(tmp_path)


def test_pipes_and_sockets_do_not_hang(tmp_path, monkeypatch):
    write(tmp_path / "a")
    write(tmp_path / "b")
    os.mkfifo(tmp_path / "a" / "pipe.png")
    (tmp_path / "b" / "linked.png").symlink_to(tmp_path / "a" / "pipe.png")
    (tmp_path / "b" / "device.png").symlink_to("/dev/zero")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("a/socket.png")
    start = time.monotonic()
    data = load_folder(tmp_path)
    assert time.monotonic() - start < 10
    assert len(data.train) == 16
    assert "4 x pipe, socket or device" in notes(data)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("name", ["a", "a/000.png"])
def test_what_may_not_be_read_is_named(tmp_path, name):
    write(tmp_path / "a")
    write(tmp_path / "b")
    (tmp_path / name).chmod(0)
    with pytest.raises(ValueError, match=rf"Received: .*{name} \(Permission denied\)"):
        load_folder(tmp_path)


def test_names_in_any_encoding(tmp_path):
    write(tmp_path / "a")
    write(tmp_path / unicodedata.normalize("NFD", "é"))
    os.rename(os.fsencode(tmp_path / "a" / "000.png"), os.fsencode(tmp_path / "a") + b"/\xff.png")
    data = load_folder(tmp_path)
    assert data.class_names == ("a", "é")
    assert len(data.train) == 16
    os.mkdir(os.fsencode(tmp_path) + b"/\xe9")
    with pytest.raises(ValueError, match=r"names are UTF-8\. Received: .*\\xe9") as error:
        load_folder(tmp_path)
    str(error.value).encode()


def test_names_composed_and_decomposed_are_one_class(tmp_path):
    for split, form in (("train", "NFC"), ("test", "NFD")):
        write(tmp_path / split / unicodedata.normalize(form, "é"), level=100)
        write(tmp_path / split / "z")
    data = load_folder(tmp_path)
    assert data.class_names == ("z", "é")  # as sorted in training; decomposed it comes first
    np.testing.assert_array_equal(data.test.labels, levels(data.test) >= 100)
    write(tmp_path / "train" / unicodedata.normalize("NFD", "é"))
    with pytest.raises(ValueError, match=r"different names\. Received: 'é' twice"):
        load_folder(tmp_path)


def test_names_that_differ_in_case_are_said(tmp_path):
    for name in ("A", "a", "b"):
        write(tmp_path / name)
    data = load_folder(tmp_path)
    assert data.class_names == ("A", "a", "b")
    assert "Classes that differ in case alone: A and a." in data.notes


@pytest.mark.parametrize("count", [1, 2])
def test_too_few_images_are_refused_in_one_line(tmp_path, count):
    for name in ("a", "b", "c"):
        write(tmp_path / name, count=count)
    with pytest.raises(
        ValueError, match=rf"3 images of a class .*: {3 * count} images of 3"
    ) as error:
        load_data(tmp_path)
    assert "\n" not in str(error.value)


def test_three_images_of_a_class_are_enough(tmp_path):
    for name in ("a", "b"):
        write(tmp_path / name, count=3)
    data = load_data(tmp_path)
    assert (len(data.train), len(data.validation), len(data.test)) == (2, 2, 2)


def test_a_folder_in_a_folder_is_hinted_at(tmp_path):
    write(tmp_path / "flowers" / "rose")
    write(tmp_path / "flowers" / "tulip" / "tulip")
    with pytest.raises(ValueError, match=rf"only 'flowers'\. Did you mean {tmp_path}/flowers\?"):
        load_folder(tmp_path)
    assert load_folder(tmp_path / "flowers").class_names == ("rose", "tulip")


def test_unused_folders_are_said(tmp_path):
    for path in ("train/a", "train/b", "test/a", "test/b", "annotations", "unlabeled"):
        write(tmp_path / path)
    data = load_folder(tmp_path)
    assert "Not used, since they are no split: annotations, unlabeled." in data.notes
