import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup.data import augment
from tf_varmixup.draws import fold, run_seed


def random_images(count, height, width, channels, seed=0):
    """Random levels from 1, so that the padding's 0 occurs in none."""
    return np.random.default_rng(seed).integers(
        1, 256, (count, height, width, channels), dtype=np.uint8
    )


def found(image, augmented, padding, flip):
    """All (row, column, mirrored) whose NumPy crop of the padded image is `augmented`."""
    height, width, _ = image.shape
    matches = []
    for mirrored in (False, True) if flip else (False,):
        padded = np.pad(
            image[:, ::-1] if mirrored else image,
            ((padding, padding), (padding, padding), (0, 0)),
        )
        for row in range(2 * padding + 1):
            for column in range(2 * padding + 1):
                if np.array_equal(padded[row : row + height, column : column + width], augmented):
                    matches.append((row, column, mirrored))
    return matches


@pytest.mark.parametrize(
    ("height", "width", "channels", "padding"),
    [(32, 32, 3, 4), (8, 8, 1, 1), (28, 28, 1, 3), (9, 14, 3, 1), (20, 16, 1, 2)],
)
def test_is_a_crop_of_the_padded_image(height, width, channels, padding):
    images = random_images(40, height, width, channels)
    augmented = augment(images, run_seed(1)).numpy()
    assert augmented.dtype == np.uint8
    assert augmented.shape == images.shape
    offsets = [found(*pair, padding, flip=True) for pair in zip(images, augmented, strict=True)]
    assert all(
        len(matches) == 1 for matches in offsets
    )  # padding=None is an eighth of the height: all are found, once
    rows, columns, mirrored = np.array([matches[0] for matches in offsets]).T
    for values in (rows, columns):
        assert set(values) == set(range(2 * padding + 1))
    assert 8 <= mirrored.sum() <= 32  # 20 expected, standard deviation 3


def test_draws_are_uniform_and_independent():
    images = np.full((20_000, 8, 8, 1), 255, np.uint8)
    images[:, :, :4] = 100
    augmented = augment(images, run_seed(2)).numpy()[..., 0]
    mirrored = augmented[:, 4, 2] == 255
    down = (augmented[:, 0, 4] == 0).astype(int) - (augmented[:, -1, 4] == 0)
    right = (augmented[:, 4, 0] == 0).astype(int) - (augmented[:, 4, -1] == 0)
    counts = np.zeros((2, 3, 3))
    np.add.at(counts, (mirrored.astype(int), down + 1, right + 1), 1)
    assert abs(counts / 20_000 - 1 / 18).max() < 5 * np.sqrt(1 / 18 * 17 / 18 / 20_000)


def test_without_flip():
    images = random_images(40, 16, 16, 3)
    augmented = augment(images, run_seed(3), flip=False).numpy()
    assert all(
        len(found(*pair, 2, flip=False)) == 1 for pair in zip(images, augmented, strict=True)
    )


def test_padding():
    images = random_images(30, 16, 16, 1)
    np.testing.assert_array_equal(augment(images, run_seed(4), flip=False, padding=0), images)
    augmented = augment(images, run_seed(4), flip=False, padding=5).numpy()
    offsets = [found(*pair, 5, flip=False)[0] for pair in zip(images, augmented, strict=True)]
    assert {0, 10} <= {row for row, _, _ in offsets} | {column for _, column, _ in offsets}
    with pytest.raises(ValueError, match=r"padding to be an integer of at least 0\. Received: -1"):
        augment(images, run_seed(4), padding=-1)


@pytest.mark.parametrize(("first", "last"), [(0, 4), (3, 11), (11, 12), (12, 12)])
def test_a_part_of_a_batch_is_augmented_as_in_the_whole(first, last):
    images = random_images(12, 16, 16, 3)
    whole = augment(images, run_seed(6)).numpy()
    part = augment(images[first:last], run_seed(6), place=(first, 12))
    np.testing.assert_array_equal(part, whole[first:last])


def test_a_function_of_its_seed_alike_in_graphs_and_pipelines():
    images = random_images(16, 12, 12, 3)
    expected = augment(images, fold(run_seed(5), 7)).numpy()
    np.testing.assert_array_equal(augment(images, fold(run_seed(5), 7)), expected)
    assert (augment(images, fold(run_seed(5), 8)).numpy() != expected).any()
    graph = tf.function(
        augment,
        input_signature=[
            tf.TensorSpec((None, None, None, 3), tf.uint8),
            tf.TensorSpec((2,), tf.int32),
        ],
    )
    np.testing.assert_array_equal(graph(images, fold(run_seed(5), 7)), expected)
    dataset = tf.data.Dataset.from_tensors(images).map(
        lambda batch: augment(batch, fold(run_seed(5), 7))
    )
    assert dataset.element_spec.shape == (16, 12, 12, 3)
    np.testing.assert_array_equal(next(iter(dataset)), expected)
