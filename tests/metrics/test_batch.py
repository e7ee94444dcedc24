import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup.metrics.batch import as_probabilities, as_weights
from tf_varmixup.metrics.batch_labels import as_distribution, as_sparse


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
    with pytest.raises(ValueError, match="Expected labels of shape"):
        as_sparse(labels, 3)


def test_labels_of_unknown_width_are_refused():
    @tf.function(input_signature=[tf.TensorSpec((None, None))])
    def trace(labels):
        return as_sparse(labels, 3)

    with pytest.raises(ValueError, match="Expected labels of shape"):
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
    weights = as_weights(sample_weight, [0, 1], tf.zeros((2, 3)), from_logits=True)
    assert weights.dtype == tf.float32
    np.testing.assert_allclose(weights, expected)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([1, 3], r"Expected labels in 0 ... 2. Received: 3. Class numbers start at 0."),
        ([[1], [7]], r"Expected labels in 0 ... 2. Received: 7."),
        ([-1, 0], "Received: -1"),
        ([0.5, 1.0], "Received: 0.5"),
        ([float("nan"), 1.0], "Received: nan"),
        (["cat", "dog"], "class numbers, one-hot or soft. Received: type string"),
        ([[float("nan"), 0.0, 1.0], [0.0, 0.0, 1.0]], r"Received: \[nan, 0.0, 1.0\]"),
        ([1], r"Expected labels for 2 predictions. Received: 1."),
        (np.eye(3)[:1], r"Expected labels for 2 predictions. Received: 1."),
    ],
)
def test_labels_that_are_none_are_refused(labels, message):
    with pytest.raises(ValueError, match=message):
        as_weights(None, labels, tf.zeros((2, 3)), from_logits=True)


@pytest.mark.parametrize("weights", [[1.0], [[1.0]], [1.0, 2.0, 3.0]])
def test_weights_are_not_broadcast(weights):
    with pytest.raises(ValueError, match=r"Expected sample_weight for 2 predictions. Received: "):
        as_weights(weights, [0, 1], tf.zeros((2, 3)), from_logits=True)


def test_a_weight_of_zero_leaves_a_bad_label_out():
    weights = as_weights([1.0, 0.0], [0, -1], tf.zeros((2, 3)), from_logits=True)
    np.testing.assert_array_equal(weights, [1, 0])


@pytest.mark.parametrize("jit_compile", [False, True])
def test_in_a_graph_a_bad_row_has_the_weight_nan(jit_compile):
    @tf.function(jit_compile=jit_compile)
    def weights(labels, predictions):
        return as_weights(None, labels, predictions, from_logits=False)

    probabilities = tf.constant([[0.5, 0.5], [0.5, 0.5], [3.0, -2.0]])
    np.testing.assert_array_equal(
        weights(tf.constant([0, 2, 1]), probabilities), [1, np.nan, np.nan]
    )


@pytest.mark.parametrize("jit_compile", [False, True])
def test_a_count_that_only_the_graph_knows_is_not_broadcast(jit_compile):
    @tf.function(
        input_signature=[tf.TensorSpec((None,), tf.int32), tf.TensorSpec((None, 3))],
        jit_compile=jit_compile,
    )
    def weights(labels, predictions):
        return as_weights(None, labels, predictions, from_logits=True)

    np.testing.assert_array_equal(weights([0, 1], tf.zeros((2, 3))), [1, 1])
    with pytest.raises(tf.errors.InvalidArgumentError):
        weights([0], tf.zeros((2, 3)))


def test_logits_are_not_taken_for_probabilities():
    with pytest.raises(ValueError, match=r"Received: -2 to 3 of sum 1. If they are logits"):
        as_probabilities([[0.5, 0.5], [3.0, -2.0]], from_logits=False)
    with pytest.raises(ValueError, match=r"of sum 1. Received: 0.5 to 0.9 of sum 1.4"):
        as_probabilities([[0.5, 0.9]], from_logits=False)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float32", "float64"])
def test_what_a_softmax_gives_is_probabilities_in_every_precision(dtype):
    logits = np.random.default_rng(0).normal(size=(20, 1000)) * 3
    as_probabilities(tf.nn.softmax(tf.cast(logits, dtype)), from_logits=False)


@pytest.mark.parametrize("cast", [lambda x: x, lambda x: tf.identity(tf.cast(x, tf.float16))])
def test_a_softmax_is_not_taken_for_logits_while_a_graph_is_traced(cast):
    @tf.function
    def trace(logits):
        return as_probabilities(cast(tf.nn.softmax(logits)), from_logits=True)

    with pytest.raises(ValueError, match="Received: the output of a softmax"):
        trace(tf.zeros((2, 3)))
