"""Whom each image is mixed with."""

import numpy as np
import pytest
import tensorflow as tf

from models import VariationalAutoencoder
from tf_varmixup import draws
from tf_varmixup.methods import Batch, VarMixup
from tf_varmixup.methods.partners import nearest_partners, partners_of_another_class

CLASSES = np.array([0, 1, 1, 2, 0, 1, 2, 2])
LABELS = np.eye(3, dtype="float32")[CLASSES]


def test_partners_are_of_another_class_and_all_of_them_are_drawn():
    found = [set() for _ in CLASSES]
    for seed in range(60):
        partners = partners_of_another_class(LABELS, draws.run_seed(seed)).numpy()
        assert (CLASSES[partners] != CLASSES).all()
        for one, partner in zip(found, partners, strict=True):
            one.add(int(partner))
    assert all(len(one) == (own != CLASSES).sum() for one, own in zip(found, CLASSES, strict=True))


@pytest.mark.parametrize("clean_share", [0.0, 0.25])
def test_sample_weights_do_not_choose_partners(clean_share):
    """Images of no weight are no better partners, and weights of 1 change nothing."""
    soft = np.array([[1, 0, 0], [0.3, 0.7, 0], [0, 0.5, 0.5], [0.1, 0.2, 0.7]] * 2, "float32")
    images = np.random.default_rng(0).integers(0, 256, (8, 8, 8, 1)).astype("uint8")
    autoencoder = VariationalAutoencoder((8, 8, 1), width=4, blocks=1, latent_size=1)
    method = VarMixup(autoencoder, partner="other_class", clean_share=clean_share)
    seed, weights = draws.run_seed(2), np.array([1, 0, 1, 2, 1, 0, 0, 1], "float32")
    plain = method.draw(None, Batch(images, soft), seed)
    for given in (np.ones(8, "float32"), weights):
        weighted = method.draw(None, Batch(images, soft, given), seed)
        np.testing.assert_allclose(weighted.inputs, plain.inputs, atol=2.5e-3)
    np.testing.assert_allclose(
        method.draw(None, Batch(images, soft, np.ones(8, "float32")), seed).labels,
        plain.labels,
        atol=1e-5,
    )


def test_a_common_offset_does_not_choose_the_nearest():
    latents = tf.constant([[1e4], [1e4 + 1.0], [1e4 + 0.4], [1e4 + 1.3]])
    assert nearest_partners(latents).numpy().tolist() == [2, 3, 0, 1]


def test_where_all_are_of_one_class_a_partner_is_another_image():
    partners = partners_of_another_class(LABELS[[1, 2, 5]], draws.run_seed(0)).numpy()
    assert (partners != np.arange(3)).all()


def test_the_nearest_is_that_of_all_distances():
    latents = np.random.default_rng(0).normal(size=(9, 2, 2, 3)).astype("float32")
    flat = latents.reshape(9, -1)
    distances = ((flat[:, None] - flat[None]) ** 2).sum(-1) + np.diag(np.full(9, np.inf))
    np.testing.assert_array_equal(nearest_partners(latents), distances.argmin(1))


def test_an_image_alone_is_its_own_partner():
    assert nearest_partners(tf.zeros((1, 4))).numpy().tolist() == [0]
    assert partners_of_another_class(LABELS[:1], draws.run_seed(0)).numpy().tolist() == [0]


@pytest.mark.parametrize("choose", [nearest_partners, None], ids=["nearest", "other_class"])
def test_partners_are_the_same_under_xla(choose):
    choose = choose or (lambda values: partners_of_another_class(values, draws.run_seed(3)))
    values = tf.constant(np.random.default_rng(1).normal(size=(7, 5)).astype("float32"))
    compiled = tf.function(choose, jit_compile=True)(values)
    np.testing.assert_array_equal(compiled, choose(values))
