import types

import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup.evaluation import predict_logits
from tf_varmixup.evaluation.prediction import collect_logits, even_batch_size


def numbered(count):
    """Images whose first pixel is their number."""
    images = np.zeros((count, 4, 4, 3), "uint8")
    images[:, 0, 0, 0] = np.arange(count)
    return images


def first_pixels(images, indices=None):
    pixels = tf.cast(images[:, 0, 0, 0], tf.float32)
    return tf.stack([pixels, -pixels], axis=1)


@pytest.mark.parametrize(
    ("count", "batch_size", "size"), [(10, 4, 4), (9, 4, 3), (5, 4, 3), (4, 4, 4), (3, 100, 3)]
)
def test_batches_have_one_size(count, batch_size, size):
    assert even_batch_size(count, batch_size) == size
    seen = []
    predict_logits(
        lambda images, indices: seen.append(len(images)) or first_pixels(images),
        types.SimpleNamespace(images=numbered(count)),
        batch_size,
    )
    assert seen == [size] * -(-count // size)


@pytest.mark.parametrize("batch_size", [1, 3, 4, 11, 500])
def test_every_image_once_and_in_order(batch_size):
    logits = predict_logits(first_pixels, types.SimpleNamespace(images=numbered(11)), batch_size)
    assert logits.dtype == np.float32
    np.testing.assert_array_equal(logits[:, 0], np.arange(11))


def test_the_classifier_is_traced_once():
    predict = tf.function(first_pixels)
    predict_logits(predict, types.SimpleNamespace(images=numbered(11)), 4)
    assert predict.experimental_get_tracing_count() == 1


def test_half_precision_logits_become_float32():
    images = types.SimpleNamespace(images=numbered(3))
    assert (
        predict_logits(lambda batch, _: tf.cast(first_pixels(batch), tf.bfloat16), images).dtype
        == np.float32
    )


@pytest.mark.parametrize(
    "predict",
    [
        lambda images, indices: images,
        lambda images, indices: first_pixels(images)[:1],
        lambda images, indices: tf.zeros(len(images)),
    ],
)
def test_outputs_that_are_no_logits_are_refused(predict):
    with pytest.raises(
        ValueError, match=r"Expected predict to return logits \(3, K\). Received: shape"
    ):
        predict_logits(predict, types.SimpleNamespace(images=numbered(3)))


@pytest.mark.parametrize("batch_size", [0, -1, 2.0, True])
def test_bad_batch_size(batch_size):
    with pytest.raises(ValueError, match="Expected batch_size to be a positive integer"):
        even_batch_size(3, batch_size)


def test_no_images():
    with pytest.raises(ValueError, match=r"Expected at least one image. Received: none"):
        even_batch_size(0, 4)


@pytest.mark.parametrize("batch_size", [1, 4, 11])
def test_every_image_comes_with_its_number(batch_size):
    def numbers(images, indices):
        assert indices.dtype == tf.int32
        np.testing.assert_array_equal(images[:, 0, 0, 0] + 30, indices)
        return tf.one_hot(indices, 50)

    logits = collect_logits(numbers, numbered(11), batch_size, first_index=30)
    np.testing.assert_array_equal(logits.argmax(1), np.arange(30, 41))
