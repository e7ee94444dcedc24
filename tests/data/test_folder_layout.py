import collections

import pytest

from tf_varmixup.data.folder_layout import folder_layout, role_of


def layout(root, *files):
    for file in files:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_bytes(b"x")
    return folder_layout(root, collections.Counter())


def test_names_of_splits_in_any_case_and_with_fillings():
    train = ["train", "Train", "TRAINING", "training_set", "train-images", "train_data", "trainset"]
    test = ["test", "Testing", "test set", "TEST_IMAGES", "testdata", "images_test", "test2017"]
    validation = [
        "val",
        "Valid",
        "validation",
        "dev",
        "val2017",
        "Validation_Set",
        "validation-data",
    ]
    for role, names in (("train", train), ("test", test), ("validation", validation)):
        assert [role_of(name) for name in names] == [role] * len(names)
    for name in ("cats", "trainer", "trains", "tested", "valley", "device", "data", "images", "1"):
        assert role_of(name) is None


def test_splits_in_any_naming(tmp_path):
    found = layout(tmp_path, "Train/a/1.png", "Train/b/1.png", "Test/a/1.png", "VALID/a/1.png")
    assert found.train == tmp_path / "Train"
    assert found.test == tmp_path / "Test"
    assert found.validation == tmp_path / "VALID"
    assert found.unused == ()


def test_class_folders(tmp_path):
    assert layout(tmp_path, "a/1.png", "b/1.png", "test/1.png").train == tmp_path


def test_a_class_called_train_beside_others(tmp_path):
    found = layout(tmp_path, "bus/1.png", "car/1.png", "train/1.png", "train/steam/2.png")
    assert found.train == tmp_path


def test_splits_without_classes_are_no_classes(tmp_path):
    assert layout(tmp_path, "train/1.png", "test/1.png").train == tmp_path / "train"


def test_two_folders_for_a_split(tmp_path):
    with pytest.raises(ValueError, match=r"one folder of validation .*Received: dev and val\."):
        layout(tmp_path, "train/a/1.png", "val/a/1.png", "dev/a/1.png")


def test_no_folder_to_train_on(tmp_path):
    with pytest.raises(ValueError, match=r"training images .*Received: Testing and Validation\."):
        layout(tmp_path, "Testing/a/1.png", "Validation/b/1.png")
