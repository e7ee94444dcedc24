import copy
import pickle

import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup.streaming import (
    ImageSource,
    StreamedImages,
    UnreadableImageError,
    unreadable_reason,
)

COUNT = 40


class Levels(ImageSource):
    """Image n has level n everywhere; number 13 cannot be read."""

    shape = (COUNT, 8, 8, 1)

    def read(self, rows):
        checked = tf.numpy_function(self._check, [rows], tf.int64, stateful=False)
        checked = tf.ensure_shape(checked, rows.shape)
        return tf.tile(tf.cast(checked, tf.uint8)[:, None, None, None], [1, 8, 8, 1])

    def _check(self, rows):
        if 13 in rows:
            raise UnreadableImageError("Expected an image. Received: 13.")
        return rows


ORDER = np.random.RandomState(0).permutation(COUNT)
ORDER = ORDER[ORDER != 13]


@pytest.fixture(scope="module")
def streamed():
    return StreamedImages(Levels(), ORDER)


@pytest.fixture(scope="module")
def array():
    return np.broadcast_to(ORDER[:, None, None, None], (len(ORDER), 8, 8, 1)).astype("uint8")


@pytest.mark.parametrize(
    "key",
    [
        *(0, -1, slice(3), slice(30, None, 2), slice(0), np.array([5, 5, 1]), [2, 0]),
        *(ORDER > 20, (slice(4), 0, 0, 0), np.int64(7), slice(None)),
    ],
)
def test_indexing_is_that_of_the_array(streamed, array, key):
    np.testing.assert_array_equal(streamed[key], array[key])


class Numbered(ImageSource):
    """Every value of every image is another one."""

    shape = (4, 5, 6, 2)

    def read(self, rows):
        values = tf.reshape(tf.range(np.prod(self.shape)), self.shape)
        return tf.cast(tf.gather(values, rows), tf.uint8)


@pytest.mark.parametrize(
    "key",
    [..., (..., 0), (..., slice(None, None, -1)), (0, ..., 1), (slice(3), ...), (..., 2, 1)],
    ids=str,
)
def test_an_ellipsis_stands_for_the_axes_that_an_array_has(key):
    array = np.arange(np.prod(Numbered.shape)).reshape(Numbered.shape).astype("uint8")
    np.testing.assert_array_equal(StreamedImages(Numbered())[key], array[key])


def test_a_new_axis_is_refused(streamed):
    with pytest.raises(IndexError, match="a new axis"):
        streamed[None]


def test_it_has_the_shape_and_type_of_the_array(streamed, array):
    for name in ("shape", "dtype", "ndim", "nbytes"):
        assert getattr(streamed, name) == getattr(array, name)
    assert len(streamed) == len(array)


def test_a_selection_of_a_selection_is_that_of_the_array(streamed, array):
    mask = array[:, 0, 0, 0] % 2 == 0
    chosen = streamed.select(mask).select(slice(5, 0, -2))
    np.testing.assert_array_equal(chosen[:], array[mask][5:0:-2])


def test_parts_and_the_array_of_all_are_in_order(streamed, array):
    parts = list(streamed.parts(16))
    assert [len(part) for part in parts] == [16, 16, 7]
    np.testing.assert_array_equal(np.concatenate(parts), array)
    np.testing.assert_array_equal(streamed.array(), array)


@pytest.mark.parametrize("convert", [np.asarray, tf.convert_to_tensor, np.ascontiguousarray])
def test_all_at_once_is_refused_in_one_line(streamed, convert):
    with pytest.raises(ValueError, match=r"such as images\[:100\]\. Received: .* all 39 as one"):
        convert(streamed)


def test_an_image_that_cannot_be_read_is_named_however_it_is_asked_for():
    images = StreamedImages(Levels())
    for ask in (lambda: images[13], lambda: images[:], images.array, lambda: list(images.parts(5))):
        with pytest.raises(UnreadableImageError, match=r"^Expected an image\. Received: 13\.$"):
            ask()
    with pytest.raises(tf.errors.OpError) as error:
        list(images.batches(5))
    assert unreadable_reason(error.value) == "Expected an image. Received: 13."
    other = tf.errors.InvalidArgumentError(None, None, "Expected something else.")
    assert unreadable_reason(other) is None


def test_copies_share_the_source_and_pickles_read_the_same(streamed, array):
    assert copy.deepcopy(streamed) is streamed
    streamed.source.decode(np.arange(3))  # which leaves a graph with the source
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(streamed))[:4], array[:4])
