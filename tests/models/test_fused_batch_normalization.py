import keras
import numpy as np
import pytest
import tensorflow as tf

from models import FusedBatchNormalization

MAPS = (np.random.default_rng(0).normal(2.0, 3.0, (5, 4, 3, 6)) * np.arange(1, 7)).astype("float32")
TARGETS = np.random.default_rng(1).normal(size=MAPS.shape).astype("float32")
PER_CHANNEL = MAPS[..., 0].size
CORRECTION = PER_CHANNEL / (PER_CHANNEL - 1)
WEIGHTS = [
    np.linspace(0.5, 2, 6),
    np.linspace(-1, 1, 6),
    np.linspace(-2, 2, 6),
    np.linspace(1, 3, 6),
]  # gamma, beta, moving mean, variance


def pair(dtype=None, **settings):
    """Return our layer and Keras' with the same settings and weights."""
    ours = FusedBatchNormalization(momentum=0.8, epsilon=0.01, dtype=dtype, **settings)
    theirs = keras.layers.BatchNormalization(momentum=0.8, epsilon=0.01, dtype=dtype, **settings)
    for layer in (ours, theirs):
        layer.build(MAPS.shape)
        layer.set_weights(WEIGHTS)
    return ours, theirs


def outputs_and_gradients(layer, training, jit_compile=None):
    @tf.function(jit_compile=jit_compile)
    def compute(maps):
        with tf.GradientTape() as tape:
            tape.watch(maps)
            outputs = layer(maps, training=training)
            loss = tf.reduce_sum((tf.cast(outputs, tf.float32) - TARGETS) ** 2)
        return outputs, *tape.gradient(loss, [maps, *layer.trainable_variables])

    return compute(tf.constant(MAPS))


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("jit_compile", [False, True])
def test_outputs_and_gradients_are_those_of_keras(training, jit_compile):
    ours, theirs = pair()
    values, expected = (
        outputs_and_gradients(ours, training, jit_compile),
        outputs_and_gradients(theirs, training),
    )
    assert len(values) == len(expected) == 4
    for value, other in zip(values, expected, strict=True):
        np.testing.assert_allclose(value, other, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("training", [True, False])
def test_without_a_scale_it_is_still_keras(training):
    ours, theirs = (
        kind(epsilon=0.01, scale=False)
        for kind in (FusedBatchNormalization, keras.layers.BatchNormalization)
    )
    for layer in (ours, theirs):
        layer.build(MAPS.shape)
        layer.set_weights(WEIGHTS[1:])
    assert ours.get_config()["scale"] is False
    values, expected = (
        outputs_and_gradients(ours, training),
        outputs_and_gradients(theirs, training),
    )
    assert len(values) == len(expected) == 3
    for value, other in zip(values, expected, strict=True):
        np.testing.assert_allclose(value, other, rtol=1e-4, atol=1e-3)


def test_normalization_by_hand():
    layer = FusedBatchNormalization(epsilon=0.5)
    outputs = layer(np.array([1.0, 2.0, 3.0, 6.0], "float32").reshape(1, 2, 2, 1), training=True)
    np.testing.assert_allclose(
        np.ravel(outputs), np.array([-2.0, -1.0, 0.0, 3.0]) / 2.0, rtol=1e-5
    )  # mean 3, variance 3.5
    np.testing.assert_allclose(layer.moving_mean, [0.3], rtol=1e-5)
    np.testing.assert_allclose(layer.moving_variance, [0.9 + 0.1 * 14 / 3], rtol=1e-5)


@pytest.mark.parametrize("jit_compile", [False, True])
def test_moving_statistics(jit_compile):
    ours, theirs = pair()
    outputs_and_gradients(ours, True, jit_compile)
    outputs_and_gradients(theirs, True)
    np.testing.assert_allclose(ours.moving_mean, theirs.moving_mean, rtol=1e-4)
    expected = 0.8 * WEIGHTS[3] + (np.array(theirs.moving_variance) - 0.8 * WEIGHTS[3]) * CORRECTION
    np.testing.assert_allclose(ours.moving_variance, expected, rtol=1e-4)
    np.testing.assert_allclose(
        ours.moving_variance, 0.8 * WEIGHTS[3] + 0.2 * MAPS.reshape(-1, 6).var(0, ddof=1), rtol=1e-4
    )


def test_inference_leaves_the_moving_statistics():
    ours, _ = pair()
    ours(MAPS)
    ours(MAPS, training=False)
    for weight, before in zip(ours.get_weights(), WEIGHTS, strict=True):
        np.testing.assert_array_equal(weight, before.astype("float32"))


@pytest.mark.parametrize("jit_compile", [False, True])
def test_frozen_it_infers_in_training(jit_compile):
    ours, _ = pair()
    expected = outputs_and_gradients(ours, False)[0]
    ours.trainable = False
    outputs, gradient = outputs_and_gradients(ours, True, jit_compile)
    np.testing.assert_allclose(outputs, expected, rtol=1e-4, atol=1e-4)
    scale = WEIGHTS[0] / np.sqrt(WEIGHTS[3] + 0.01)
    np.testing.assert_allclose(gradient, 2 * (expected - TARGETS) * scale, rtol=1e-4, atol=1e-3)
    np.testing.assert_array_equal(ours.moving_mean, WEIGHTS[2].astype("float32"))


@pytest.mark.parametrize(
    ("policy", "jit_compile"),
    [
        ("mixed_float16", False),
        ("mixed_float16", True),
        ("mixed_bfloat16", False),
        ("mixed_bfloat16", True),
        ("bfloat16", False),
    ],
)
def test_half_precision_outputs_and_float32_weights(policy, jit_compile):
    ours, _ = pair(dtype=policy)
    exact, _ = pair()
    for training in (True, False):
        values, expected = (
            outputs_and_gradients(ours, training, jit_compile),
            outputs_and_gradients(exact, training),
        )
        assert values[0].dtype.name == policy.removeprefix("mixed_")
        for value, other in zip(values, expected, strict=True):
            np.testing.assert_allclose(
                tf.cast(value, tf.float32), other, rtol=0.05, atol=0.05 * np.abs(other).max()
            )
    assert {weight.dtype for weight in ours.weights} == {"float32"}
    np.testing.assert_allclose(ours.moving_mean, exact.moving_mean, rtol=0.01, atol=0.01)
    np.testing.assert_allclose(ours.moving_variance, exact.moving_variance, rtol=0.02)


@pytest.mark.parametrize("channels", [6, 16])
def test_any_number_of_channels_in_bfloat16(channels):
    maps = np.random.default_rng(0).normal(1.0, 2.0, (4, 5, 5, channels)).astype("float32")
    for training in (True, False):
        exact, half = (
            FusedBatchNormalization(momentum=0.0, dtype=dtype)
            for dtype in ("float32", "mixed_bfloat16")
        )
        expected, outputs = exact(maps, training=training), half(maps, training=training)
        assert outputs.dtype == tf.bfloat16
        np.testing.assert_allclose(tf.cast(outputs, tf.float32), expected, atol=0.04)
        np.testing.assert_allclose(half.moving_variance, exact.moving_variance, rtol=0.01)


def test_large_half_precision_values_do_not_overflow():
    maps = np.random.default_rng(0).normal(0.0, 3000.0, (8, 8, 8, 2)).astype("float16")
    layer = FusedBatchNormalization(dtype="mixed_float16", momentum=0.0)
    assert (
        np.abs(np.std(layer(maps, training=True).numpy().astype("float32"), (0, 1, 2)) - 1).max()
        < 0.01
    )
    np.testing.assert_allclose(
        layer.moving_variance, maps.astype("float64").reshape(-1, 2).var(0, ddof=1), rtol=1e-3
    )


def test_an_empty_batch_leaves_the_moving_statistics():
    ours, _ = pair()
    assert ours(MAPS[:0], training=True).shape == (0, 4, 3, 6)
    np.testing.assert_array_equal(ours.moving_mean, WEIGHTS[2].astype("float32"))
    np.testing.assert_array_equal(ours.moving_variance, WEIGHTS[3].astype("float32"))


def test_a_single_value_a_channel_is_finite():
    layer = FusedBatchNormalization()
    np.testing.assert_allclose(layer(np.full((1, 1, 1, 2), 5.0, "float32"), training=True), 0.0)
    np.testing.assert_allclose(layer.moving_variance, 0.9)


def small_model():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((None, None, 6))
    x = FusedBatchNormalization(momentum=0.8, gamma_initializer="zeros", name="norm")(inputs)
    return keras.Model(inputs, keras.layers.Dense(1)(keras.layers.GlobalAveragePooling2D()(x)))


def test_saved_and_loaded(tmp_path):
    model = small_model()
    np.testing.assert_array_equal(model.get_layer("norm").gamma, np.zeros(6))
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9), "mse")
    model.fit(MAPS, np.ones((5, 1)), verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    norm = loaded.get_layer("norm")
    assert (norm.momentum, norm.epsilon) == (0.8, 1e-3)
    assert isinstance(norm.gamma_initializer, keras.initializers.Zeros)
    np.testing.assert_array_equal(loaded.predict(MAPS, verbose=0), model.predict(MAPS, verbose=0))
    for one in (model, loaded):
        one.fit(MAPS, np.ones((5, 1)), verbose=0)
    for first, second in zip(model.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-5, atol=1e-6)


def test_each_replica_normalizes_by_its_own_share():
    strategy = tf.distribute.MirroredStrategy(
        ["CPU:0", "CPU:1"], cross_device_ops=tf.distribute.ReductionToOneDevice()
    )
    maps = MAPS[:4]
    with strategy.scope():
        model = small_model()
        model.compile(keras.optimizers.SGD(0.1), "mse")
    model.fit(maps, np.ones((4, 1)), batch_size=4, shuffle=False, verbose=0)
    norm = model.get_layer("norm")
    for replica, share in enumerate((maps[:2], maps[2:])):
        share = share.reshape(-1, 6)
        np.testing.assert_allclose(
            norm.moving_mean.value.values[replica], 0.2 * share.mean(0), rtol=1e-4
        )
        np.testing.assert_allclose(
            norm.moving_variance.value.values[replica], 0.8 + 0.2 * share.var(0, ddof=1), rtol=1e-4
        )
    for variable in model.trainable_variables:
        np.testing.assert_array_equal(*variable.value.values)
    model.fit(
        MAPS, np.ones((5, 1)), batch_size=4, verbose=0
    )  # one replica gets an empty last batch
    assert all(
        np.isfinite(replica.numpy()).all()
        for weight in model.weights
        for replica in weight.value.values
    )


@pytest.mark.parametrize("shape", [(2, 8), (2, 8, 8, None)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match=r"\(B, H, W, C\) with C known.*Received: shape \(2, 8"):
        FusedBatchNormalization().build(shape)
