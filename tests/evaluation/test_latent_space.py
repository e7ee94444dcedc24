"""Points halfway between images, for autoencoders whose midpoints are known."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp

from tf_varmixup.evaluation.latent_space import latent_gap, latent_space_summary
from tf_varmixup.methods import EmpiricalRisk, VarMixup
from tf_varmixup.metrics import frechet_distance

IMAGES = np.random.default_rng(0).integers(0, 256, (300, 4, 4, 1)).astype("uint8")
FIRST, HELD_OUT = IMAGES[:150], IMAGES[150:]
PARTNERS = np.roll(FIRST, 1, 0)


NAMES = {
    "latent_gap",
    "midpoint_gap",
    "frechet_reconstruction",
    "frechet_latent_midpoint",
    "frechet_pixel_midpoint",
    "confidence_image",
    "confidence_latent_midpoint",
    "confidence_pixel_midpoint",
}


class Known(keras.Model):
    """Latents are images in [-1, 1]; what they are decoded to is a function of them."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def posterior(self, images):
        return tfp.distributions.Normal(tf.cast(images, tf.float32) / 127.5 - 1.0, 0.1)

    def decode(self, latents):
        return 127.5 + 127.5 * self.function(latents)


LINEAR = Known(lambda latents: latents)


@pytest.fixture(scope="module")
def reference():
    inputs = keras.Input((4, 4, 1))
    features = keras.layers.Flatten()(keras.layers.AveragePooling2D(2)(inputs))
    return keras.Model(inputs, [features, keras.layers.Dense(3)(features / 255.0)])


def pooled(images):
    return np.asarray(images, "float64").reshape(-1, 2, 2, 2, 2).mean((2, 4)).reshape(-1, 4)


def test_a_linear_decoder_mixes_pixels(reference):
    found = latent_space_summary(VarMixup(LINEAR), reference, IMAGES)
    assert set(found) == NAMES
    assert found["latent_gap"] == pytest.approx(0.0, abs=1e-5)
    assert found["midpoint_gap"] == pytest.approx(0.0, abs=1e-5)
    for name in ("frechet_latent_midpoint", "confidence_latent_midpoint"):
        assert found[name] == pytest.approx(found[name.replace("latent", "pixel")], rel=1e-4)
    expected = frechet_distance(pooled((FIRST.astype(float) + PARTNERS) / 2), pooled(HELD_OUT))
    assert found["frechet_pixel_midpoint"] == pytest.approx(expected, rel=1e-4)
    reconstructed = frechet_distance(pooled(FIRST), pooled(HELD_OUT))
    assert found["frechet_reconstruction"] == pytest.approx(reconstructed, rel=1e-4)
    probabilities = tf.nn.softmax(reference(HELD_OUT)[1]).numpy()
    assert found["confidence_image"] == pytest.approx(probabilities.max(1).mean(), rel=1e-5)


def test_a_decoder_that_is_not_linear_leaves_the_line(reference):
    found = latent_space_summary(VarMixup(Known(tf.sign)), reference, IMAGES)
    first, second = (one.astype("float32") / np.float32(127.5) - 1 for one in (FIRST, PARTNERS))
    decoded = [127.5 + 127.5 * np.sign(one) for one in (first, second, (first + second) / 2)]
    assert found["latent_gap"] == pytest.approx(latent_gap(*decoded), rel=5e-3)
    assert found["latent_gap"] > 0.5


def test_the_path_is_the_methods(reference):
    straight, kept = (
        latent_space_summary(VarMixup(LINEAR, interpolation=path), reference, IMAGES)
        for path in ("linear", "norm_keeping")
    )
    # The mean of two independent images is less by the root of two, which a norm that is kept
    # mends: in units of half their distance, which is as long as their mean, by 0.41.
    assert kept["midpoint_gap"] == pytest.approx(np.sqrt(2) - 1, abs=0.03)
    assert kept["latent_gap"] == straight["latent_gap"]
    assert kept["frechet_latent_midpoint"] < 0.75 * straight["frechet_latent_midpoint"]


def test_a_gap_by_hand():
    # Halves of 3-4-5 triangles: the ends are 10 apart, the middle is 2.5 off; then 2 apart, 3 off.
    starts = np.array([[0.0, 0.0], [1.0, 1.0], [4.0, 4.0]])
    ends = np.array([[6.0, 8.0], [3.0, 1.0], [4.0, 4.0]])
    middles = np.array([[3.0, 6.5], [2.0, 4.0], [9.0, 9.0]])
    assert latent_gap(starts, ends, middles) == pytest.approx((2.5 / 5 + 3 / 1) / 2)
    assert np.isnan(latent_gap(ends, ends, middles))


def test_pairs_that_hardly_differ_have_no_gap():
    flat = np.full((3, 8, 8, 1), 7.0)
    noise = np.random.default_rng(0).normal(0.0, 1e-5, (3, *flat.shape))
    assert np.isnan(latent_gap(*(flat + noise)))


@pytest.mark.parametrize(
    ("method", "images", "message"),
    [
        (VarMixup(LINEAR), IMAGES[:7], r"at least 8 images .* Received: shape \(7, 4, 4, 1\)"),
        (VarMixup(LINEAR), IMAGES / 255.0, "of uint8. Received: .* of float64"),
        (EmpiricalRisk(), IMAGES, "Expected a VarMixup. Received: EmpiricalRisk"),
    ],
    ids=["few", "floats", "erm"],
)
def test_what_cannot_be_measured_is_refused(method, images, message, reference):
    with pytest.raises(ValueError, match=message):
        latent_space_summary(method, reference, images)
