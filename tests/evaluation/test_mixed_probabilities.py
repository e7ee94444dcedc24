"""Averages over mixes, beside the reference arrays."""

import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup.evaluation import combined_probabilities, mixed_probabilities


@pytest.fixture(scope="module")
def reference(shared):
    folder = shared / "method_reference"
    with np.load(folder / "losses.npz") as losses, np.load(folder / "attacks.npz") as attacks:
        return dict(losses) | {name: attacks[name] for name in attacks if name.startswith("mlp_")}


@pytest.fixture
def mixed(reference):
    def network(x):
        layer = [tf.constant(reference[f"mlp_{name}"], tf.float32) for name in ("W1", "b1")]
        last = [tf.constant(reference[f"mlp_{name}"], tf.float32) for name in ("W2", "b2")]
        return tf.nn.relu(x @ layer[0] + layer[1]) @ last[0] + last[1]

    def average(partners, weight):
        return mixed_probabilities(
            network, reference["mlp_x"], reference["mi_pool"], partners, weight, num_classes=4
        )

    return average


def test_averages_are_those_of_the_reference(reference, mixed):
    other = mixed(reference["mi_partner_ol"], 0.5)
    np.testing.assert_allclose(other, reference["mi_ol_lambda05"], atol=1e-5)
    own = mixed(reference["mi_partner_pl"], 0.5)
    np.testing.assert_allclose(own, reference["mi_pl_lambda05"], atol=1e-5)


def test_combined_answers_are_those_of_the_reference(reference, mixed):
    plain = tf.constant(reference["mi_plain_probabilities"], tf.float32)
    own = mixed(reference["mi_partner_pl"][:, :5], 0.5)
    other = mixed(reference["mi_partner_ol"][:, :15], 0.4)
    gap = tf.reduce_max(plain, 1) - tf.reduce_max(own, 1)
    np.testing.assert_allclose(gap, reference["mi_combined_gap"], atol=1e-5)
    threshold = float(reference["mi_combined_threshold"])
    assert 0 < (gap.numpy() < threshold).sum() < 24
    found = combined_probabilities(plain, own, other, threshold)
    np.testing.assert_allclose(found, reference["mi_combined_pl05_ol04"], atol=1e-5)


def test_the_weight_is_that_of_the_input():
    inputs, pool = tf.constant([[4.0, 0.0]]), np.array([[0, 8]], "uint8")
    for weight, logits in ((1.0, [4.0, 0.0]), (0.75, [3.0, 2.0]), (0.0, [0.0, 8.0])):
        found = mixed_probabilities(tf.identity, inputs, pool, [[0, 0]], weight, num_classes=2)
        np.testing.assert_allclose(found[0], tf.nn.softmax(logits), rtol=1e-6)


def test_probabilities_and_not_logits_are_averaged():
    inputs, pool = tf.constant([[0.0, 0.0]]), tf.constant([[0.0, 0.0], [0.0, np.log(3.0)]])
    found = mixed_probabilities(tf.identity, inputs, pool, [[0, 1]], 0.0, num_classes=2)
    np.testing.assert_allclose(found, [[0.375, 0.625]], rtol=1e-6)


def test_each_pass_is_as_large_as_the_batch():
    rows = []

    def classify(mixed):
        rows.append(len(mixed))
        return mixed

    mixed_probabilities(classify, tf.zeros((3, 2)), tf.zeros((5, 2)), np.zeros((3, 9), int), 0.5, 2)
    assert rows == [3] * 9


def test_graphs_xla_and_empty_batches():
    inputs, pool = tf.random.stateless_normal((4, 3), (0, 1)), tf.eye(3)
    partners = tf.constant([[0, 1], [1, 2], [2, 2], [0, 2]])

    def average(given, rows):
        return mixed_probabilities(lambda x: 3.0 * x, given, pool, rows, 0.6, num_classes=3)

    expected = average(inputs, partners)
    for compiled in (False, True):
        found = tf.function(average, jit_compile=compiled)(inputs, partners)
        np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert average(inputs[:0], partners[:0]).shape == (0, 3)
