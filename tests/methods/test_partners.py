"""Whom each image is mixed with."""

import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup import draws
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


def test_partners_of_another_class_heed_neither_scale_nor_a_common_column():
    # As where sample weights pass through a vicinity as one more column.
    weights = np.linspace(0.1, 7.0, 8, dtype="float32")[:, None]
    weighted = np.concatenate([LABELS * weights, weights], 1)
    for seed in range(10):
        partners = partners_of_another_class(weighted, draws.run_seed(seed)).numpy()
        assert (CLASSES[partners] != CLASSES).all()


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
