"""Attacks against arrays by independent code, of networks in closed form."""

import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup.attacks import ascent_direction, fgsm, loss_gradient, pgd, pgd_iterates

L2 = {"norm": "l2", "radius": 0.25, "step_size": 0.05}
SETTINGS = {
    "linf": ({}, None),
    "linf_start": ({}, "linf"),
    "l2": (L2, None),
    "l2_start": (L2, "l2"),
}


@pytest.fixture(scope="module")
def arrays(shared):
    return np.load(shared / "method_reference" / "attacks.npz")


def network(arrays, name, factor=1.0):
    """Return a network in `float32`, its inputs and its labels."""

    def layer(inputs, number):
        weights = (tf.constant(arrays[f"{name}_{key}{number}"], tf.float32) for key in "Wb")
        return tf.matmul(inputs, next(weights)) + next(weights)

    def classify(inputs):
        outputs = layer(factor * inputs, 1)
        return layer(tf.nn.relu(outputs), 2) if f"{name}_W2" in arrays else outputs

    inputs = arrays[f"{name}_x"].astype("float32")
    classes = classify(inputs[:1]).shape[1]
    return classify, inputs, np.eye(classes, dtype="float32")[arrays[f"{name}_y"]]


def agree(found, expected):
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", ["linear", "mlp", "mlp2d"])
def test_the_gradient_is_that_of_float64(arrays, name):
    found, expected = loss_gradient(*network(arrays, name)), arrays[f"{name}_gradient"]
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-7)
    # Below, what is stored has lost its digits where a probability near 1 was subtracted from 1.
    rows = np.linalg.norm(expected, axis=1) > 1e-9
    assert rows.sum() >= 7
    found = ascent_direction(found[rows], "l2")
    agree(found, ascent_direction(tf.constant(expected[rows]), "l2"))


@pytest.mark.parametrize("name", ["linear", "mlp"])
def test_fgsm_is_the_published_one(arrays, name):
    agree(fgsm(*network(arrays, name), value_range=(0, 1)), arrays[f"{name}_fgsm_x"])


@pytest.mark.parametrize("name", ["linear", "mlp"])
@pytest.mark.parametrize("setting", SETTINGS)
def test_every_iterate_of_pgd_is_the_published_one(arrays, name, setting):
    parameters, ball = SETTINGS[setting]
    start = None if ball is None else arrays[f"{name}_start_delta_{ball}"]
    expected = arrays[f"{name}_pgd_{setting}_iterates"]
    given = {**parameters, "start": start, "value_range": (0, 1)}
    found = pgd_iterates(*network(arrays, name), **given)
    assert found.dtype == tf.float32
    agree(found, expected)
    agree(pgd(*network(arrays, name), **given), expected[-1])
    predicted = np.argmax([network(arrays, name)[0](points) for points in found], 2)
    np.testing.assert_array_equal(predicted, arrays[f"{name}_pgd_{setting}_pred"])


def test_images_of_levels_have_the_same_iterates(arrays):
    classify, inputs, labels = network(arrays, "mlp", 1 / 255)
    found = pgd_iterates(classify, 255.0 * inputs, labels)
    agree(found / 255.0, arrays["mlp_pgd_linf_iterates"])


@pytest.mark.slow
@pytest.mark.parametrize("attack", [pgd, pgd_iterates], ids=lambda attack: attack.__name__)
@pytest.mark.parametrize("jit_compile", [False, True])
def test_a_graph_gives_the_same(arrays, attack, jit_compile):
    classify, inputs, labels = network(arrays, "mlp")

    @tf.function(
        jit_compile=jit_compile,
        input_signature=[tf.TensorSpec((None, 12)), tf.TensorSpec((None, 4))],
    )
    def attacked(inputs, labels):
        return attack(classify, inputs, labels, value_range=(0, 1))

    found = attacked(inputs, labels)
    agree(found if attack is pgd else found[-1], arrays["mlp_pgd_linf_iterates"][-1])
