import copy
import pickle

import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup.data import Split
from tf_varmixup.data.labeled import labeled_arrays, labeled_batches

IMAGES = np.random.default_rng(0).integers(0, 256, (10, 8, 9, 3), dtype=np.uint8)
LABELS = np.array([0, 1, 2, 1, 0, 2, 2, 1, 0, 1])
FORMS = {
    "pair": (IMAGES, LABELS),
    "list": [IMAGES, LABELS.tolist()],
    "split": Split(IMAGES, LABELS),
    "column": (IMAGES, LABELS[:, None]),
    "one_hot": (IMAGES, np.eye(3, dtype=np.float32)[LABELS]),
    "tensors": (tf.constant(IMAGES), tf.constant(LABELS, tf.int32)),
    "dataset": tf.data.Dataset.from_tensor_slices((IMAGES, LABELS)).batch(4),
    "one_hot_dataset": tf.data.Dataset.from_tensor_slices((IMAGES, np.eye(3)[LABELS])).batch(4),
    "unknown_shape": tf.data.Dataset.from_generator(
        lambda: [(IMAGES[i : i + 4], LABELS[i : i + 4]) for i in (0, 4, 8)],
        output_types=(tf.uint8, tf.int64),
    ),
}


def dataset(images=IMAGES, labels=LABELS, batch_size=4):
    return tf.data.Dataset.from_tensor_slices((images, labels)).batch(batch_size)


def read(batches):
    images, labels = zip(*((np.asarray(images), labels) for images, labels in batches), strict=True)
    return [len(part) for part in labels], np.concatenate(images), np.concatenate(labels)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_batches_twice(form):
    batches = labeled_batches(FORMS[form], batch_size=4)
    for _ in range(2):
        sizes, images, labels = read(batches)
        assert sizes == [4, 4, 2]
        assert labels.dtype == np.int64
        np.testing.assert_array_equal(images, IMAGES)
        np.testing.assert_array_equal(labels, LABELS)


@pytest.mark.parametrize("count", [1, 3, 4, 5, 10, 99, None])
@pytest.mark.parametrize("form", [*FORMS, "single"])
def test_every_form_gives_the_first_as_arrays(form, count):
    forms = {**FORMS, "single": tf.data.Dataset.from_tensor_slices((IMAGES, LABELS))}
    images, labels = labeled_arrays(forms[form], count)
    assert images.dtype == np.uint8
    assert labels.dtype == np.int64
    np.testing.assert_array_equal(images, IMAGES[:count])
    np.testing.assert_array_equal(labels, LABELS[:count])


def test_arrays_of_a_pipeline_read_no_further_than_needed():
    def endless_after_two(number):
        tf.debugging.assert_less(number, tf.constant(8, tf.int64))
        return tf.zeros((8, 8, 1)), number

    pairs = tf.data.Dataset.range(1000).map(endless_after_two).batch(4)
    assert labeled_arrays(pairs, 8)[1].tolist() == list(range(8))


@pytest.mark.parametrize("form", FORMS)
def test_copies_and_pickles_give_the_same_batches(form):
    batches = labeled_batches(FORMS[form], batch_size=4)
    for twin in (copy.deepcopy(batches), pickle.loads(pickle.dumps(batches))):
        sizes, images, labels = read(twin)
        assert sizes == [4, 4, 2]
        np.testing.assert_array_equal(images, IMAGES)
        np.testing.assert_array_equal(labels, LABELS)


@pytest.mark.parametrize("dtype", ["float32", "float16", "float64"])
def test_floating_images_keep_their_type(dtype):
    images = IMAGES.astype(dtype)
    assert labeled_arrays((images, LABELS))[0].dtype == dtype
    assert labeled_arrays(dataset(images))[0].dtype == dtype
    unit = images / 255
    assert labeled_arrays((unit, LABELS), value_range=(0, 1))[0].dtype == dtype
    for data in ((unit, LABELS), dataset(unit)):
        for take in (labeled_arrays, labeled_batches):
            with pytest.raises(ValueError, match=r"in 0\.\.255\. Received: .*value_range=\(0, 1\)"):
                take(data)


class Whole:
    train = validation = test = None


BAD = [
    ((IMAGES[..., 0], LABELS), r"shape \(10, 8, 9\).*channel axis"),
    (dataset(IMAGES[..., 0]), r"shape \(None, 8, 9\).*channel axis"),
    ((IMAGES[0], LABELS[:1]), r"images \(B, H, W, C\)\. Received: shape \(8, 9, 3\)"),
    ((IMAGES[..., :2], LABELS), r"C 1 or 3"),
    ((IMAGES.astype(np.uint16), LABELS), "uint16"),
    (dataset(IMAGES.astype(np.int32)), "int32"),
    ((IMAGES, LABELS[:9]), "10 images and 9 labels"),
    ((IMAGES[:0], LABELS[:0]), "at least one image. Received: 0 images"),
    (dataset().take(0), "at least one image. Received: an empty"),
    (dataset().repeat(), "finite .* repeats without end"),
    ((IMAGES, np.array(["cat"] * 10)), "text or objects, such as .*cat"),
    (dataset(labels=np.array(["cat"] * 10)), "text or objects, such as .*cat"),
    ((IMAGES, LABELS + 0.5), "the label 0.5"),
    ((IMAGES, LABELS - 1), "the label -1"),
    ((IMAGES, np.full(10, np.nan)), "the label nan"),
    ((IMAGES, np.zeros((10, 2, 3))), r"shape \(10, 2, 3\)"),
    ((IMAGES, 3), r"shape \(\)"),
    ((IMAGES, np.eye(3)[LABELS] + np.eye(3)[0]), r"the row \[2\.0, 0\.0, 0\.0\]"),
    ((IMAGES, LABELS, LABELS), "a tuple of 3 items"),
    ({"image": IMAGES, "label": LABELS}, "a dict with the keys image, label"),
    (tf.data.Dataset.from_tensors({"image": IMAGES, "label": LABELS}), "Dataset of a dict with"),
    (tf.data.Dataset.from_tensors((IMAGES, LABELS, LABELS)), "Dataset of a tuple of 3"),
    (tf.data.Dataset.from_tensors(IMAGES), r"Dataset of TensorSpec"),
    (tf.data.Dataset.from_tensors(({"a": IMAGES}, LABELS)), "Dataset with {'a'"),
    (IMAGES, "Received: ndarray"),
    (Whole(), r"Received: Whole\. Name one of its splits, such as data\.validation"),
    ((np.full((10, 8, 8, 1), np.nan), LABELS), "nan"),
    ((IMAGES - 400.0, LABELS), r"in 0\.\.255. Received: -400"),
]


@pytest.mark.parametrize(("data", "message"), BAD, ids=range(len(BAD)))
@pytest.mark.parametrize("take", [labeled_batches, labeled_arrays])
def test_unfit_data_are_refused_in_one_line(take, data, message):
    with pytest.raises(ValueError, match=message) as error:
        take(data)
    assert "\n" not in str(error.value)
    assert str(error.value).startswith("Expected ")
    assert " Received: " in str(error.value)


def test_batches_take_no_single_pairs():
    with pytest.raises(ValueError, match=r"images \(B, H, W, C\)\. Received: shape \(8, 9, 3\)"):
        labeled_batches(tf.data.Dataset.from_tensor_slices((IMAGES, LABELS)))


def test_later_batches_are_checked_as_they_come():
    labels = np.where(np.arange(10) < 8, LABELS, -1)
    batches = labeled_batches(dataset(labels=labels))
    with pytest.raises(ValueError, match="the label -1"):
        list(batches)


def test_arrays_of_several_sizes_are_refused():
    ragged = tf.data.Dataset.from_generator(
        lambda: [(IMAGES, LABELS), (IMAGES[:, :8, :8], LABELS)], output_types=(tf.uint8, tf.int64)
    )
    with pytest.raises(ValueError, match=r"one size. Received: \(8, 8, 3\) and \(8, 9, 3\)"):
        labeled_arrays(ragged)


@pytest.mark.parametrize("take", [labeled_batches, labeled_arrays])
@pytest.mark.parametrize("number", [0, -1, True, 2.0])
def test_numbers_are_checked(take, number):
    with pytest.raises(ValueError, match=r"to be a positive integer\. Received"):
        take((IMAGES, LABELS), number)
