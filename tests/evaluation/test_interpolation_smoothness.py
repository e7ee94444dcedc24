"""How predictions change between images."""

import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup.evaluation import measure_interpolation
from tf_varmixup.evaluation.interpolation_smoothness import path_metrics

LEVELS = np.array([0, 40, 80, 120, 160, 200], "uint8")
IMAGES = np.tile(LEVELS[:, None, None, None], (1, 2, 2, 1))
SHAPES = []


def classify(images):
    SHAPES.append(images.shape)
    level = tf.reduce_mean(images, (1, 2))
    return tf.concat([level - 100.0, 100.0 - level], 1) / 50.0


class Squares:
    """Lines between the squares of images."""

    def interpolate(self, first, second, steps):
        share = tf.reshape(tf.linspace(0.0, 1.0, steps), (1, steps, 1, 1, 1))
        return tf.sqrt((1.0 - share) * first[:, None] ** 2 + share * second[:, None] ** 2)


def probability(level):
    return 1.0 / (1.0 + np.exp(-2.0 * (np.asarray(level) - 100.0) / 50.0))


def test_paths_by_hand():
    straight = [[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.0, 1.0, 0.0]]
    detour = [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
    back = [[0.8, 0.2, 0.0], [0.4, 0.6, 0.0], [0.8, 0.2, 0.0]]
    found = path_metrics([straight, detour, back])
    np.testing.assert_allclose(found["total_variation"], [1.0, 2.0, 0.8])
    np.testing.assert_allclose(found["excess_variation"], [0.0, 1.0, 0.8], atol=1e-12)
    np.testing.assert_allclose(found["largest_step"], [0.5, 1.0, 0.4])
    np.testing.assert_allclose(found["midpoint_confidence"], [0.5, 1.0, 0.6])
    entropy = [np.log(2.0), 0.0, -0.4 * np.log(0.4) - 0.6 * np.log(0.6)]
    np.testing.assert_allclose(found["midpoint_entropy"], entropy, atol=1e-12)


def test_a_probability_that_only_rises_has_no_excess():
    found = measure_interpolation(classify, IMAGES, points=5)
    np.testing.assert_allclose(found.values["excess_variation"], 0.0, atol=1e-6)
    assert found.settings == {"pairs": 6, "points": 5}
    # Every image is the first of one pair and the second of another.
    middles = np.sort(found.values["midpoint_confidence"])
    assert len(middles) == 6
    assert found.summary()["total_variation"] > 0.1


def test_lines_through_latents_are_those_of_the_autoencoder():
    pair = IMAGES[[0, 5]]
    pixel = measure_interpolation(classify, pair, max_pairs=1).values["midpoint_confidence"]
    latent = measure_interpolation(classify, pair, Squares(), max_pairs=1)
    assert pixel[0] == pytest.approx(0.5, abs=1e-5)
    assert latent.values["midpoint_confidence"][0] == pytest.approx(
        probability(200.0 / np.sqrt(2.0)), abs=1e-5
    )
    unit = measure_interpolation(
        lambda images: classify(255.0 * images),
        pair / 255.0,
        Squares(),
        max_pairs=1,
        value_range=(0, 1),
    )
    np.testing.assert_allclose(
        unit.values["total_variation"], latent.values["total_variation"], atol=1e-5
    )


def test_the_batch_size_makes_no_difference_and_all_batches_have_one_shape():
    whole, shares = measure_interpolation(classify, IMAGES, points=3).values, []
    SHAPES.clear()
    parts = measure_interpolation(
        classify, IMAGES, points=3, batch_size=12, on_progress=shares.append
    ).values
    assert SHAPES == [(9, 2, 2, 1)] * 2
    assert shares == [0.5, 1.0]
    for name in whole:
        np.testing.assert_allclose(parts[name], whole[name], rtol=1e-5, atol=1e-6)
    few = measure_interpolation(classify, IMAGES, points=3, max_pairs=2).values
    np.testing.assert_allclose(few["largest_step"], whole["largest_step"][:2], atol=1e-6)


def test_a_temperature_makes_it_smoother():
    sharp = measure_interpolation(classify, IMAGES, points=3).summary()
    soft = measure_interpolation(classify, IMAGES, points=3, temperature=5.0).summary()
    assert soft["total_variation"] < sharp["total_variation"]
    assert soft["midpoint_entropy"] > sharp["midpoint_entropy"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"points": 4}, "points to be odd.* Received: 4"),
        ({"points": 2}, "points to be an integer of at least 3"),
        ({"images": IMAGES[:1]}, "at least two images. Received: 1"),
        ({"autoencoder": object()}, "an autoencoder with interpolate.* Received: object"),
        ({"value_range": (0, 2)}, "value_range to be one of"),
        ({"classify": lambda images: classify(images) * np.nan}, "numbers. Received: NaN"),
    ],
)
def test_what_does_not_fit_is_refused(given, words):
    with pytest.raises(ValueError, match=words):
        measure_interpolation(**{"classify": classify, "images": IMAGES, **given})
