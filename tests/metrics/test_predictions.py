import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup.metrics.predictions import as_distribution, as_probabilities, as_sparse, as_weights


def test_logits_become_probabilities_in_float32():
    probabilities = as_probabilities(
        tf.constant([[0.0, np.log(3.0)]], tf.float16), from_logits=True
    )
    assert probabilities.dtype == tf.float32
    np.testing.assert_allclose(probabilities, [[0.25, 0.75]], rtol=1e-3)


def test_probabilities_stay():
    np.testing.assert_allclose(as_probabilities([[0.2, 0.8]], from_logits=False), [[0.2, 0.8]])


@pytest.mark.parametrize("shape", [(4,), (4, 1), (2, 2, 2)])
def test_predictions_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match="num_classes"):
        as_probabilities(tf.zeros(shape), from_logits=True)


@pytest.mark.parametrize(
    "labels",
    [[2, 0], [[2], [0]], [2.0, 0.0], [[0, 0, 1], [1, 0, 0]], [[0.1, 0.2, 0.7], [0.5, 0.3, 0.2]]],
)
def test_every_form_of_labels_becomes_class_numbers(labels):
    sparse = as_sparse(labels, 3)
    assert sparse.dtype == tf.int64
    np.testing.assert_array_equal(sparse, [2, 0])


@pytest.mark.parametrize("labels", [np.zeros((2, 4)), np.zeros((2, 3, 1)), np.int64(1)])
def test_labels_of_another_shape_are_refused(labels):
    with pytest.raises(ValueError, match="expected labels of shape"):
        as_sparse(labels, 3)


def test_labels_of_unknown_width_are_refused():
    @tf.function(input_signature=[tf.TensorSpec((None, None))])
    def trace(labels):
        return as_sparse(labels, 3)

    with pytest.raises(ValueError, match="expected labels of shape"):
        trace(tf.zeros((2, 3)))


def test_distributions_keep_soft_labels():
    np.testing.assert_allclose(as_distribution([[0.3, 0.7]], 2), [[0.3, 0.7]])
    np.testing.assert_allclose(as_distribution([[1], [0]], 2), [[0, 1], [1, 0]])


@pytest.mark.parametrize(
    ("sample_weight", "expected"),
    [
        (None, [1, 1]),
        (3.0, [3, 3]),
        ([1, 2], [1, 2]),
        ([[1.0], [2.0]], [1, 2]),
        (np.float16(2), [2, 2]),
    ],
)
def test_every_form_of_weights(sample_weight, expected):
    weights = as_weights(sample_weight, 2)
    assert weights.dtype == tf.float32
    np.testing.assert_allclose(weights, expected)
