"""`corrupt`: seeds, batches, graphs, sizes, errors."""

import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup.corruptions import CORRUPTIONS, SEVERITIES, corrupt
from tf_varmixup.draws import run_seed

# Most use one severity and shape, so that a graph is traced once.
IMAGES = np.random.default_rng(0).integers(0, 256, (6, 16, 16, 3), np.uint8)
DETERMINISTIC = {
    "defocus_blur",
    "zoom_blur",
    "brightness",
    "contrast",
    "pixelate",
    "jpeg_compression",
    "gaussian_blur",
    "saturate",
}


@pytest.mark.slow
@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_draws_depend_on_seed_cell_and_index_only(corruption):
    whole = corrupt(IMAGES, corruption, 5, 7).numpy()
    assert whole.dtype == np.uint8
    assert whole.shape == IMAGES.shape
    assert (whole != IMAGES).mean() > 0.01
    np.testing.assert_array_equal(corrupt(IMAGES, corruption, 5, run_seed(7)).numpy(), whole)
    np.testing.assert_array_equal(
        corrupt(IMAGES[2:5], corruption, 5, 7, indices=2).numpy(), whole[2:5]
    )
    order = np.array([4, 0, 5])
    np.testing.assert_array_equal(
        corrupt(IMAGES[order], corruption, 5, 7, indices=order).numpy(), whole[order]
    )
    np.testing.assert_array_equal(
        corrupt(IMAGES[2:3], corruption, 5, 7, indices=[2]).numpy(), whole[2:3]
    )
    other = corrupt(IMAGES, corruption, 5, 8).numpy()
    assert np.array_equal(other, whole) == (corruption in DETERMINISTIC)


def test_cells_have_draws_of_their_own():
    gray = np.full((1, 32, 32, 3), 128, np.uint8)
    first, second = (
        corrupt(gray, "gaussian_noise", severity, 0).numpy().ravel() - 128.0 for severity in (4, 5)
    )
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.1


def test_batches_of_many_pieces(monkeypatch):
    from tf_varmixup.corruptions import apply

    whole = corrupt(IMAGES, "elastic_transform", 5, 0).numpy()
    monkeypatch.setattr(apply, "VALUES_AT_ONCE", 4 * 16 * 16 * 3)
    apply._graph.cache_clear()
    try:
        np.testing.assert_array_equal(corrupt(IMAGES, "elastic_transform", 5, 0).numpy(), whole)
        assert corrupt(IMAGES[:0], "fog", 1, 0).shape == (0, 16, 16, 3)
    finally:
        apply._graph.cache_clear()


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(3, 8, 13, 1), (1, 150, 144, 3)])
@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_sizes(corruption, shape):
    images = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    result = corrupt(images, corruption, 5, 0)
    assert result.dtype == tf.uint8
    assert result.shape == shape


@pytest.mark.slow
@pytest.mark.parametrize(
    "corruption",
    [
        "gaussian_blur",
        "defocus_blur",
        "zoom_blur",
        "brightness",
        "contrast",
        "pixelate",
        "motion_blur",
        "fog",
        "snow",
        "elastic_transform",
        "glass_blur",
    ],
)
def test_gray_is_worked_on_as_its_copy_in_three_channels(corruption):
    gray = IMAGES[..., :1]
    one, three = (
        corrupt(gray, corruption, 5, 0).numpy(),
        corrupt(np.repeat(gray, 3, axis=3), corruption, 5, 0).numpy(),
    )
    assert np.abs(one.astype(int) - three).max() <= 1
    assert np.abs(one.astype(int) - three).mean() < 0.05


def test_gray_does_not_take_color():
    np.testing.assert_array_equal(
        corrupt(IMAGES[..., :1], "saturate", 5, 0).numpy(), IMAGES[..., :1]
    )


@pytest.mark.parametrize(
    "corruption",
    ["shot_noise", "glass_blur", "frost", "elastic_transform", "jpeg_compression", "spatter"],
)
def test_inside_a_graph_and_a_pipeline(corruption):
    expected = corrupt(IMAGES, corruption, 5, 3).numpy()

    @tf.function
    def graph(images):
        return corrupt(images, corruption, 5, 3)

    np.testing.assert_array_equal(graph(IMAGES).numpy(), expected)
    data = tf.data.Dataset.from_tensor_slices((IMAGES, np.arange(6))).batch(4)
    data = data.map(lambda images, indices: corrupt(images, corruption, 5, 3, indices))
    assert data.element_spec.shape.as_list() == [None, 16, 16, 3]
    np.testing.assert_array_equal(np.concatenate(list(data.as_numpy_iterator())), expected)


def test_levels_are_truncated():
    # The mean of 100 and 101 in equal parts is 100.5; contrast 0.5 makes of them 100.25 and 100.75.
    images = np.full((1, 8, 8, 1), 100, np.uint8)
    images[:, ::2] = 101
    assert set(np.unique(corrupt(images, "contrast", 2, 0).numpy())) == {100}


def test_unknown_corruption():
    message = r"'gaussian_noise'.*'saturate'.*Received: 'fogg'\. Did you mean 'fog'\?"
    with pytest.raises(ValueError, match=message):
        corrupt(IMAGES, "fogg", 1, 0)


@pytest.mark.parametrize("severity", [0, 6, 1.0, "1", None, -1, True])
def test_bad_severity(severity):
    with pytest.raises(ValueError, match="1 to 5"):
        corrupt(IMAGES, "fog", severity, 0)


def test_numpy_severity():
    for severity in np.array(SEVERITIES)[:1]:
        assert corrupt(IMAGES, "contrast", severity, np.int64(0)).shape == IMAGES.shape


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (IMAGES.astype(np.float32) / 255, r"uint8\. Received: float32\. Convert"),
        (IMAGES[0], r"\(16, 16, 3\)"),
        (IMAGES[..., :2], "C 1 or 3"),
        (IMAGES[:, :7], "7 x 16"),
        (IMAGES[:, :, :5], "16 x 5"),
    ],
)
def test_bad_images(images, message):
    with pytest.raises(ValueError, match=message):
        corrupt(images, "fog", 1, 0)


@pytest.mark.parametrize(
    "indices",
    [[1], [1, 2], range(7), [0.0] * 6, -1, [0, 1, 2, 3, 4, -5], [[0] * 6], [True] * 6, "1"],
)
def test_bad_indices(indices):
    with pytest.raises(ValueError, match="one for each of 6 images"):
        corrupt(IMAGES, "fog", 1, 0, indices)
    if (
        not isinstance(indices, (str, range)) and np.min(indices) >= 0
    ):  # in a graph values are not known, but type and number are
        with pytest.raises(ValueError, match="one for each of 6 images"):
            tf.function(lambda numbers: corrupt(IMAGES, "fog", 1, 0, numbers))(tf.constant(indices))


@pytest.mark.parametrize("seed", ["a", None, 1.5, [1, 2], tf.constant([1, 2, 3])])
def test_bad_seed(seed):
    with pytest.raises(ValueError, match="Expected seed to be a Python integer or an int32 tensor"):
        corrupt(IMAGES, "fog", 1, seed)


def test_unknown_size_in_a_graph():
    with pytest.raises(ValueError, match="known size"):
        tf.function(lambda images: corrupt(images, "fog", 1, 0)).get_concrete_function(
            tf.TensorSpec((None, None, None, 3), tf.uint8)
        )
