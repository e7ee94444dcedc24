import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from tf_varmixup import draws
from tf_varmixup.methods import CutMix
from tf_varmixup.methods.cutmix import boxes_of, paste

SEED = draws.run_seed(0)


@pytest.fixture(scope="module")
def reference(shared):
    return np.load(shared / "method_reference" / "losses.npz")


def flat_images(count, height, width):
    """Return images of one level each, so that pixels tell whose they are."""
    levels = np.arange(count, dtype="uint8")[:, None, None, None]
    return np.broadcast_to(levels, (count, height, width, 3))


def test_boxes_and_weights_are_the_authors(reference):
    for size in (32, 28):
        rows = reference["cutmix_boxes"]
        rows = rows[rows[:, 0] == size]
        assert len(rows) == 400
        weights, centers = tf.constant(rows[:, 2]), tf.constant(rows[:, 3:5], tf.int32)
        for compile_it in (False, True):
            boxes = tf.function(boxes_of, jit_compile=compile_it)(weights, centers, size, size)
            np.testing.assert_array_equal(boxes, rows[:, 5:9])
        labels = np.eye(400, dtype="float32")
        _, mixed = paste(np.zeros((400, size, size, 1)), labels, boxes, np.roll(range(400), 1))
        np.testing.assert_allclose(np.diag(mixed), rows[:, 9], rtol=1e-6, atol=1e-7)


def test_a_side_that_is_a_whole_number_loses_no_pixel():
    """In float32 some products are just below the whole number, which `int` then takes for less."""
    for side in range(1, 65):
        cuts = np.arange(1, side + 1)
        weights = 1.0 - (cuts / side) ** 2
        expected = (side * np.sqrt(1.0 - weights)).astype(int) // 2
        centers = np.full((side, 2), side // 2, "int32")
        boxes = boxes_of(weights, centers, side, side)
        np.testing.assert_array_equal(side // 2 - boxes[:, 0], np.minimum(expected, side // 2))


def test_pasting_by_hand():
    images = np.arange(2 * 2 * 3, dtype="uint8").reshape(2, 2, 3, 1)
    boxes, partners = tf.constant([[0, 1, 1, 3], [1, 0, 2, 1]]), tf.constant([1, 0])
    pasted, labels = paste(images, np.eye(2), boxes, partners)
    assert pasted[0, :, :, 0].numpy().tolist() == [[0, 7, 8], [3, 4, 5]]
    assert pasted[1, :, :, 0].numpy().tolist() == [[6, 7, 8], [3, 10, 11]]
    np.testing.assert_allclose(labels, [[4 / 6, 2 / 6], [1 / 6, 5 / 6]], rtol=1e-6)


def test_the_transformation_is_that_of_keras(images, labels):
    partners = draws.permutation(7, SEED)
    boxes = CutMix(probability=1.0, box_per="image").draw_boxes(
        draws.uniforms((7,), draws.run_seed(1)), 8, 8, draws.run_seed(2)
    )
    top, left, bottom, right = (tf.cast(side, tf.float32) for side in tf.unstack(boxes, axis=1))
    layer = keras.layers.CutMix()
    masks, weights = layer._generate_batch_mask(images.shape, (left, right, top, bottom))
    drawn = {"batch_masks": masks, "mix_weight": weights, "permutation_order": partners}
    pasted, mixed = paste(images, labels, boxes, partners)
    np.testing.assert_array_equal(pasted, layer.transform_images(images, drawn))
    np.testing.assert_allclose(mixed, layer.transform_labels(labels, drawn), rtol=1e-6)
    assert (np.asarray(boxes[:, 2] - boxes[:, 0]) > 0).sum() > 3


@pytest.mark.parametrize("box_per", ["batch", "image"])
def test_labels_are_mixed_by_the_pixels_of_each_image(box_per):
    count, height, width = 6, 9, 14
    method = CutMix(probability=1.0, box_per=box_per)
    images, labels = flat_images(count, height, width), np.eye(count, dtype="float32")
    kinds = set()
    for step in range(8):
        drawn, mixed = method.sample(images, labels, draws.fold(SEED, step))
        assert (np.ptp(drawn, axis=3) == 0).all()
        owners = np.eye(count)[np.asarray(drawn[..., 0], int)]  # (B, H, W, classes)
        np.testing.assert_allclose(mixed, owners.mean((1, 2)), atol=1e-6)
        boxes = np.asarray(drawn[..., 0]) != np.arange(count)[:, None, None]
        kinds.add(len({one.tobytes() for one in boxes if one.any()}))
    # One box in every image that has another one for a partner, or boxes of their own.
    assert max(kinds) == 1 if box_per == "batch" else max(kinds) > 1


def used_weights(method, count, size):
    """Return lambda as labels are mixed by it, of the images or of as many batches."""
    weights = method.draw_weights(count, SEED)
    boxes = np.asarray(method.draw_boxes(weights, size, size, draws.run_seed(1)))
    return 1.0 - np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) / size**2


def test_clipped_boxes_leave_seven_tenths_of_the_label(reference):
    weights = used_weights(CutMix(probability=1.0, box_per="image"), 40_000, 32)
    assert weights.mean() == pytest.approx(0.700, abs=0.004)
    assert weights.mean() == pytest.approx(
        float(reference["cutmix_lambda_used_mean_alpha1"]), abs=0.006
    )
    quantiles = np.quantile(weights, np.linspace(0, 1, 21))
    np.testing.assert_allclose(
        quantiles[1:], reference["cutmix_lambda_used_quantiles_alpha1"][1:], atol=0.015
    )


def test_half_of_the_images_or_of_the_batches_are_mixed():
    mixed = used_weights(CutMix(alpha=20.0, box_per="image"), 4000, 32) < 1.0
    assert mixed.mean() == pytest.approx(0.5, abs=0.03)
    method, fold = CutMix(), tf.function(lambda step: draws.fold(SEED, step))
    # Boxes of a large image are hardly ever empty by themselves.
    draw = tf.function(lambda step: method.draw_boxes(tf.fill([3], 0.5), 99, 99, fold(step)))
    boxes = np.stack([draw(step) for step in tf.range(400)])
    assert (boxes == boxes[:, :1]).all()
    assert (boxes[:, 0, 2] > boxes[:, 0, 0]).mean() == pytest.approx(0.5, abs=0.1)


def test_never_and_always():
    assert (used_weights(CutMix(probability=0.0, box_per="image"), 100, 8) == 1.0).all()
    always = CutMix(alpha=20.0, probability=1.0, box_per="image")
    assert (used_weights(always, 2000, 32) < 1.0).all()


def test_every_pixel_is_a_center_equally_often():
    method = CutMix(probability=1.0, box_per="image")
    boxes = np.asarray(method.draw_boxes(tf.ones(7000), 5, 7, SEED))  # empty ones, at the center
    np.testing.assert_array_equal(boxes[:, :2], boxes[:, 2:])
    counts = np.bincount(boxes[:, 0] * 7 + boxes[:, 1], minlength=35)
    assert len(counts) == 35
    assert stats.chisquare(counts).pvalue > 1e-3


def test_the_clean_share_has_no_box():
    images, labels = flat_images(8, 6, 6), np.eye(8, dtype="float32")
    method = CutMix(alpha=20.0, probability=1.0, box_per="image", clean_share=0.5)
    drawn, mixed = method.sample(images, labels, SEED)
    np.testing.assert_array_equal(drawn[:4], images[:4])
    np.testing.assert_array_equal(mixed[:4], labels[:4])
    assert np.ptp(drawn[4:], axis=(1, 2)).max() > 0


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"probability": 1.5}, "probability to be a number from 0 to 1. Received: 1.5"),
        ({"box_per": "pixel"}, "box_per to be one of 'image', 'batch'. Received: 'pixel'"),
        ({"alpha": 0.0}, "alpha to be a positive number. Received: 0.0"),
    ],
    ids=str,
)
def test_bad_parameters_are_named(parameters, message):
    with pytest.raises(ValueError, match=message):
        CutMix(**parameters)
