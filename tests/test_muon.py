import contextlib

import keras
import numpy as np
import pytest
import tensorflow as tf

from models import classifier_builder, compact
from tests.harness.shared import replicas
from tf_varmixup import Muon, VicinalClassifier, load_model
from tf_varmixup.muon import check_normalized, is_kernel, orthogonalized

RNG = np.random.default_rng(0)
KERNEL = RNG.normal(size=(3, 3, 4, 16)).astype("float32")
GRADIENT = RNG.normal(size=(3, 3, 4, 16)).astype("float32")


def polar(matrix):
    """Return the nearest matrix with orthonormal columns, by its singular values."""
    left, _, right = np.linalg.svd(matrix, full_matrices=False)
    return left @ right


def newton_schulz(matrix, steps):
    """Iterate on the whole matrix in double precision, as published."""
    rows = matrix.T.astype("float64") / np.linalg.norm(matrix)
    for _ in range(steps):
        products = rows @ rows.T
        rows = 3.4445 * rows + (-4.7750 * products + 2.0315 * products @ products) @ rows
    return rows.T


def stepped(optimizer, values, gradients):
    variables = [keras.Variable(value) for value in values]
    optimizer.build(variables)
    for one in gradients:
        optimizer.apply([tf.constant(gradient) for gradient in one], variables)
    return [keras.ops.convert_to_numpy(variable) for variable in variables]


@pytest.mark.parametrize("steps", [1, 3, 5])
@pytest.mark.parametrize("shape", [(36, 16), (16, 16), (2304, 256)])
def test_iterating_on_the_products_of_columns_is_the_published_iteration(shape, steps):
    matrix = RNG.normal(size=shape).astype("float32") * np.logspace(
        0, -3, shape[1], dtype="float32"
    )
    np.testing.assert_allclose(
        orthogonalized(matrix, steps), newton_schulz(matrix, steps), atol=3e-5
    )


def test_singular_vectors_stay_and_singular_values_come_near_one():
    left, values, right = np.linalg.svd(RNG.normal(size=(36, 16)), full_matrices=False)
    found = np.asarray(orthogonalized((left * values) @ right, steps=5))
    inside = left.T @ found @ right.T
    np.testing.assert_allclose(inside, np.diag(np.diag(inside)), atol=1e-4)
    assert np.all((np.diag(inside) > 0.65) & (np.diag(inside) < 1.25))


def test_a_gradient_of_zeros_moves_nothing():
    assert not np.any(orthogonalized(np.zeros((36, 16), "float32")))


def test_a_kernel_takes_an_orthogonal_step_from_its_normalized_self():
    optimizer = Muon(0.1, kernel_rate=0.5, kernel_momentum=0.0, newton_schulz_steps=5)
    (found,) = stepped(optimizer, [KERNEL], [[GRADIENT]])
    step = (4.0 * KERNEL / np.linalg.norm(KERNEL) - found).reshape(36, 16) / 0.05
    np.testing.assert_allclose(step, newton_schulz(GRADIENT.reshape(36, 16), 5), atol=1e-5)
    # An orthonormal matrix, up to the factors that the iteration leaves.
    expected = polar(GRADIENT.reshape(36, 16))
    assert np.sum(step * expected) / np.linalg.norm(step) / 4.0 > 0.97


def test_momentum_adds_up_and_looks_ahead():
    other = RNG.normal(size=KERNEL.shape).astype("float32")
    optimizer = Muon(0.1, kernel_rate=1.0, kernel_momentum=0.6)
    (found,) = stepped(optimizer, [KERNEL], [[GRADIENT], [other]])
    first = 1.6 * GRADIENT
    second = other + 0.6 * (0.6 * GRADIENT + other)
    expected = KERNEL
    for ahead in (first, second):
        expected = 4.0 * expected / np.linalg.norm(expected)
        expected = expected - 0.1 * newton_schulz(ahead.reshape(36, 16), 3).reshape(KERNEL.shape)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_the_size_of_a_gradient_and_of_a_kernel_change_nothing():
    one = stepped(Muon(0.1), [KERNEL], [[GRADIENT]])[0]
    other = stepped(Muon(0.1), [100.0 * KERNEL], [[1e-4 * GRADIENT]])[0]
    np.testing.assert_allclose(one, other, atol=1e-5)


def test_other_weights_take_the_steps_of_sgd_bit_for_bit():
    shapes = [(16,), (64, 10), (2, 2, 3, 32), (3, 3, 16, 1), (3, 3, 3, 8)]
    values = [RNG.normal(size=shape).astype("float32") for shape in shapes]
    gradients = [[RNG.normal(size=shape).astype("float32") for shape in shapes] for _ in range(3)]
    settings = {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01}
    expected = stepped(keras.optimizers.SGD(0.1, **settings), values, gradients)
    found = stepped(Muon(0.1, weight_decay=0.01), values, gradients)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((3, 3, 64, 128), True),
        ((1, 1, 64, 64), True),
        ((1, 1, 64, 128), False),  # more outputs than inputs: its columns cannot be orthonormal
        ((2, 2, 3, 32), False),
        ((3, 3, 64, 1), False),  # depthwise
        ((3, 3, 3, 8), False),
        ((256, 16), False),
        ((16,), False),
    ],
)
def test_convolutions_with_no_more_outputs_than_inputs_are_kernels(shape, expected):
    assert is_kernel(shape) is expected


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kernel_rate": 0.0}, "kernel_rate to be a positive number.*Received: 0.0"),
        ({"kernel_momentum": 1.0}, "kernel_momentum.*Received: 1.0"),
        ({"newton_schulz_steps": 0}, "newton_schulz_steps.*Received: 0"),
    ],
)
def test_what_is_out_of_bounds_is_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        Muon(0.1, **settings)


def classifier_of(optimizer, **settings):
    keras.utils.set_random_seed(0)
    classifier = VicinalClassifier(compact((8, 8, 3), 3, width=16))
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    classifier.compile(optimizer, loss, **settings)
    return classifier


IMAGES = RNG.integers(0, 256, (12, 8, 8, 3)).astype("uint8")
LABELS = np.eye(3, dtype="float32")[np.arange(12) % 3]


def fit(classifier, epochs=1):
    classifier.fit(IMAGES, LABELS, batch_size=4, epochs=epochs, shuffle=False, verbose=0)
    return classifier.get_weights()


def test_a_classifier_is_saved_and_trains_on_as_if_it_had_not_been(tmp_path):
    classifier = classifier_of(Muon(0.05, kernel_rate=0.7, kernel_momentum=0.5, weight_decay=0.01))
    fit(classifier)
    classifier.save(tmp_path / "classifier.keras")
    loaded = load_model(tmp_path / "classifier.keras")
    assert loaded.optimizer.get_config() == classifier.optimizer.get_config()
    for one, other in zip(fit(loaded), fit(classifier), strict=True):
        np.testing.assert_array_equal(one, other)


def test_it_compiles_with_xla():
    plain = fit(classifier_of(Muon(0.05)))
    compiled = fit(classifier_of(Muon(0.05), jit_compile=True))
    for one, other in zip(plain, compiled, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_two_replicas_take_the_step_of_their_whole_batch():
    values = [KERNEL, np.zeros(16, "float32")]

    def step_of(strategy):
        with strategy.scope():
            variables = [keras.Variable(value) for value in values]
            optimizer = Muon(0.1)
            optimizer.build(variables)

        @tf.function
        def step():
            def replica():
                share = tf.distribute.get_replica_context().replica_id_in_sync_group
                scale = 0.5 if strategy.num_replicas_in_sync == 1 else tf.cast(share, tf.float32)
                count = strategy.num_replicas_in_sync
                gradients = [tf.constant(GRADIENT), tf.ones(16)]
                optimizer.apply([scale * one / count for one in gradients], variables)

            strategy.run(replica)

        step()
        return [keras.ops.convert_to_numpy(variable) for variable in variables]

    alone = step_of(tf.distribute.get_strategy())
    for one, other in zip(alone, step_of(replicas()), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


@pytest.mark.parametrize("name", ["airbench", "compact", "resnet18"])
def test_the_size_of_a_kernel_means_nothing_to_the_networks_that_muon_takes(name):
    network = classifier_builder(name)((16, 16, 3), 3)
    check_normalized(network)
    images = np.random.default_rng(0).uniform(0, 255, (8, 16, 16, 3)).astype("float32")
    before = network(images, training=True).numpy()
    for weight in network.trainable_variables:
        if is_kernel(weight.shape):
            weight.assign(3.0 * weight)
    # But for what normalizations add to variances; the last network of the next test is 1.3 off.
    np.testing.assert_allclose(network(images, training=True), before, atol=0.03)


def test_a_residual_branch_that_ends_in_a_convolution_is_refused():
    network = classifier_builder("wrn-10-2")((16, 16, 3), 3)
    with pytest.raises(ValueError, match=r"whose layer .*conv2 has .* next. Train it by SGD"):
        check_normalized(network)


@pytest.mark.parametrize(
    ("own", "between", "message"),
    [
        ("linear", keras.layers.MaxPooling2D(), None),
        ("linear", keras.layers.Activation("gelu", name="gelu"), "has gelu next"),
        ("relu", keras.layers.MaxPooling2D(), "has an activation of its own"),
    ],
)
def test_only_what_scales_along_may_stand_before_a_normalization(own, between, message):
    convolution = keras.layers.Conv2D(16, 3, use_bias=False, activation=own)
    after = [between, keras.layers.BatchNormalization()]
    network = keras.Sequential([keras.Input((8, 8, 3)), convolution, *after])
    with pytest.raises(ValueError, match=message) if message else contextlib.nullcontext():
        check_normalized(network)


def test_kernels_have_a_momentum_of_their_own_and_no_decay():
    kernel = np.random.default_rng(0).normal(size=(3, 3, 4, 16)).astype("float32")
    gradient = np.random.default_rng(1).normal(size=kernel.shape).astype("float32")
    steps = [
        stepped(Muon(0.1, **settings), [kernel], [[gradient]] * 2)
        for settings in ({}, {"momentum": 0.0}, {"weight_decay": 0.5})
    ]
    np.testing.assert_allclose(steps[1][0], steps[0][0], atol=1e-6)
    np.testing.assert_allclose(steps[2][0], steps[0][0], atol=1e-6)


def test_without_nesterov_a_step_goes_along_the_momentum_alone():
    kernel = np.random.default_rng(0).normal(size=(3, 3, 4, 16)).astype("float32")
    gradients = [np.random.default_rng(seed).normal(size=kernel.shape) for seed in (1, 2)]
    optimizer = Muon(0.1, nesterov=False)
    (found,) = stepped(optimizer, [kernel], [[one.astype("float32")] for one in gradients])
    (first,) = stepped(Muon(0.1, nesterov=False), [kernel], [[gradients[0].astype("float32")]])
    momentum = (0.6 * gradients[0] + gradients[1]).reshape(-1, 16)
    step = np.asarray(orthogonalized(momentum.astype("float32"), 3)).reshape(kernel.shape)
    expected = first * (4.0 / np.linalg.norm(first)) - 0.1 * step
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_network_without_normalization_is_refused():
    convolution = keras.layers.Conv2D(16, 3, name="first")
    inner = keras.Sequential([keras.Input((8, 8, 3)), convolution], name="inner")
    network = keras.Sequential([inner, keras.layers.Flatten(), keras.layers.Dense(3)], name="vgg")
    with pytest.raises(ValueError, match="Received: vgg, whose layer first has offsets"):
        check_normalized(network)
    # SGD takes these steps whatever follows.
    head = keras.layers.Conv2D(8, 3)
    check_normalized(keras.Sequential([keras.Input((8, 8, 3)), head]))
