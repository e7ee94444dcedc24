import copy
import dataclasses
import pickle

import numpy as np
import pytest

from tf_varmixup.data import Dataset, ImageData, Split


def things(labels=(0, 1, 2, 0), flip=True, notes=()):
    split = Split(np.arange(4 * 360, dtype=np.uint8).reshape(4, 10, 12, 3), np.array(labels))
    names = ("a", "b", "c")
    return Dataset("things", split, split.take(1), split.take(2), names, flip=flip, notes=notes)


def test_properties():
    data = things()
    assert data.image_shape == (10, 12, 3)
    assert data.num_classes == 3
    assert (len(data.train), len(data.validation), len(data.test)) == (4, 1, 2)
    assert ImageData is Dataset


def test_notes_say_whether_training_mirrors():
    data = things(notes=("Passed over: 1 x .txt.",))
    mirrored = "Training mirrors half of the images left to right."
    assert data.notes == ("Passed over: 1 x .txt.", mirrored)
    kept = dataclasses.replace(data, flip=False)
    assert kept.notes == ("Passed over: 1 x .txt.", "Training does not mirror images.")
    assert dataclasses.replace(kept, flip=True).notes == data.notes


@pytest.mark.parametrize("twin", [copy.deepcopy, lambda data: pickle.loads(pickle.dumps(data))])
def test_copies_and_pickles(twin):
    data = things()
    other = twin(data)
    for name in ("train", "validation", "test"):
        np.testing.assert_array_equal(getattr(other, name).images, getattr(data, name).images)
        np.testing.assert_array_equal(getattr(other, name).labels, getattr(data, name).labels)
    assert other.train.images is not data.train.images
    assert (other.class_names, other.flip, other.notes) == (data.class_names, True, data.notes)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ((1, 2, 3, 1), r"train split of 'things': Expected labels in 0 to 2.*Count .* from 0"),
        ((0, 1, 2, 3), r"train split of 'things': Expected labels in 0 to 2.*Received: 0 to 3"),
        ((0, 1, -1, 2), r"Received: -1 to 2"),
    ],
)
def test_labels_beyond_the_classes_are_refused(labels, message):
    with pytest.raises(ValueError, match=message):
        things(labels)


def test_splits_of_other_shapes_are_refused():
    other = Split(np.zeros((1, 10, 12, 1), np.uint8), np.array([0]))
    with pytest.raises(ValueError, match=r"Expected test images of shape \(10, 12, 3\)"):
        dataclasses.replace(things(), test=other)
