import copy
import os
import pathlib
import subprocess
import sys
import textwrap

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from models import VariationalAutoencoder
from tf_varmixup import draws, methods
from tf_varmixup.classifier import VicinalClassifier
from tf_varmixup.methods import (
    Batch,
    EmpiricalRisk,
    Method,
    Mixup,
    PairwiseVicinity,
    VarMixup,
    VicinalDistribution,
    register,
)

IMAGES = np.random.default_rng(0).integers(0, 256, (16, 8, 8, 3)).astype("uint8")
CLASSES = np.random.default_rng(1).integers(0, 3, 16)
LABELS = np.eye(3, dtype="float32")[CLASSES]
LOSS = keras.losses.CategoricalCrossentropy(from_logits=True)


def make_backbone(seed=0):
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((8, 8, 3))
    x = layers.Rescaling(1 / 255)(inputs)
    x = layers.Flatten()(layers.Conv2D(4, 3, strides=2, activation="relu")(x))
    return keras.Model(inputs, layers.Dense(3, dtype="float32")(x))


def make(distribution=None, optimizer="sgd", seed=0, compile_settings=None, **settings):
    model = VicinalClassifier(make_backbone(), distribution, seed=seed, **settings)
    model.compile(optimizer, LOSS, metrics=["accuracy"], **(compile_settings or {}))
    return model


def make_eager(distribution, **compile_settings):
    """Make a classifier whose single steps need no graph."""
    return make(distribution, compile_settings={"run_eagerly": True, **compile_settings})


def create(method, autoencoder, **parameters):
    """Create a method with those of the given parameters that it has."""
    given = {"autoencoder": autoencoder, **parameters}
    own = methods.method_class(method).parameter_names()
    return methods.create(method, **{name: given[name] for name in own if name in given})


def fit(model, images=IMAGES, labels=LABELS, batch_size=4, **settings):
    return model.fit(
        images, labels, batch_size=batch_size, shuffle=False, verbose=0, **settings
    ).history


def cross_entropy(logits, labels):
    """Return the cross-entropy of each picture, in double precision."""
    logits = np.asarray(logits, "float64")
    return -(labels * (logits - np.log(np.exp(logits).sum(1, keepdims=True)))).sum(1)


def assert_same_weights(one, other, **tolerance):
    for first, second in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(first, second, **{"rtol": 1e-5, "atol": 1e-6, **tolerance})


@pytest.fixture(scope="module")
def autoencoder():
    keras.utils.set_random_seed(0)
    model = VariationalAutoencoder((8, 8, 3), width=8, blocks=1, latent_size=2)
    model.compile("adam")
    return model


@pytest.fixture
def dtype_policy():
    yield keras.config.set_dtype_policy
    keras.config.set_dtype_policy("float32")


@keras.saving.register_keras_serializable(package="test_classifier")
class FixedMix(PairwiseVicinity):
    """Mixes with chosen weights and partners, in pixels."""

    WEIGHTS = np.array([0.25, 1.0, 0.5, 0.6], "float32")
    PARTNERS = np.array([1, 2, 3, 0], "int32")

    def sample(self, images, labels, seed):
        return self.mix(images, labels, tf.constant(self.WEIGHTS), tf.constant(self.PARTNERS), seed)

    mix = Mixup.mix


class Probe(VicinalDistribution):
    """Records the seeds that it is given."""

    def __init__(self):
        super().__init__()
        self.seeds = []

    def sample(self, images, labels, seed):
        tf.numpy_function(lambda value: self.seeds.append(tuple(value.tolist())), [seed], [])
        return tf.cast(images, tf.float32), labels


# Training


def test_erm_is_plain_training():
    plain = make_backbone()
    plain.compile(keras.optimizers.Adam(1e-2), LOSS, metrics=["accuracy"])
    history = fit(plain, IMAGES, epochs=3)
    for distribution in (None, EmpiricalRisk()):
        model = make(distribution, keras.optimizers.Adam(1e-2))
        ours = fit(model, epochs=3)
        assert_same_weights(model.backbone, plain, atol=1e-5)
        assert set(ours) == set(history) == {"loss", "accuracy"}
        np.testing.assert_allclose(ours["loss"], history["loss"], rtol=1e-5)
        assert ours["accuracy"] == history["accuracy"]
        assert ours["loss"][-1] < ours["loss"][0]


@pytest.mark.parametrize("method", list(methods.method_signatures()))
def test_every_method_trains_under_xla(method, autoencoder):
    before = autoencoder.get_weights()
    model = make(
        create(method, autoencoder, alpha=0.5),
        compile_settings={"jit_compile": True},
    )
    start = model.backbone.get_weights()
    history = fit(model, batch_size=8)
    assert set(history) == {"loss", "accuracy"}
    assert 0.1 < history["loss"][0] < 10.0
    assert all(
        np.abs(new - old).max() > 0
        for new, old in zip(model.backbone.get_weights(), start, strict=True)
    )
    for new, old in zip(autoencoder.get_weights(), before, strict=True):
        np.testing.assert_array_equal(new, old)


def test_logged_loss_is_that_of_the_drawn_batch():
    model = make_eager(FixedMix())
    mixed, soft = FixedMix().sample(IMAGES[:4], LABELS[:4], draws.run_seed(0))
    expected = cross_entropy(model(mixed), soft.numpy()).mean()
    assert model.train_on_batch(IMAGES[:4], LABELS[:4], return_dict=True)["loss"] == pytest.approx(
        expected, rel=1e-5
    )


def test_the_metrics_of_the_autoencoder_stay_out_of_the_logs(autoencoder):
    model = make(VarMixup(autoencoder))
    history = fit(model, validation_data=(IMAGES, LABELS))
    assert set(history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert history["loss"][0] > 0.1
    assert history["val_loss"][0] == pytest.approx(
        cross_entropy(model(IMAGES), LABELS).mean(), rel=1e-5
    )


def test_only_the_backbone_is_trained(autoencoder):
    model = make(VarMixup(autoencoder), "adam")
    assert len(model.trainable_variables) == len(model.backbone.trainable_variables) == 4


def test_each_step_has_its_seed():
    probe = Probe()
    model = make(probe, seed=11)
    fit(model)
    run = draws.run_seed(11)
    assert probe.seeds == [tuple(draws.fold(run, step, 0).numpy().tolist()) for step in range(4)]
    fit(model)
    assert len(set(probe.seeds)) == 8
    assert int(model.step) == 8


def test_another_seed_trains_otherwise():
    one, same, other = (
        make(Mixup(), seed=seed, compile_settings={"run_eagerly": True}) for seed in (1, 1, 2)
    )
    losses = [fit(model, batch_size=8)["loss"][0] for model in (one, same, other)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    assert abs(losses[0] - losses[2]) > 1e-4


def test_several_steps_an_execution():
    one, two = make(Mixup()), make(Mixup(), compile_settings={"steps_per_execution": 2})
    fit(one, epochs=2)
    fit(two, epochs=2)
    assert int(one.step) == int(two.step) == 8
    assert_same_weights(one, two)


def test_mixing_in_the_data_is_mixing_in_the_step(autoencoder):
    distribution = VarMixup(autoencoder, alpha=0.4)
    in_step, in_data = make(distribution, seed=3), make(None, seed=3)
    batches = tf.data.Dataset.from_tensor_slices((IMAGES, LABELS)).repeat().batch(5)
    one = in_step.fit(batches, steps_per_epoch=6, shuffle=False, verbose=0).history
    other = in_data.fit(
        distribution.map(batches, seed=3), steps_per_epoch=6, shuffle=False, verbose=0
    ).history
    assert_same_weights(in_step.backbone, in_data.backbone, atol=1e-5)
    np.testing.assert_allclose(one["loss"], other["loss"], rtol=1e-5)


# Sample weights


def test_uniform_sample_weights_scale_the_loss():
    for distribution in (None, Mixup()):
        plain = make_eager(distribution).train_on_batch(IMAGES, LABELS)[0]
        for weights in (np.full(16, 3.0), np.full((16, 1), 3, "int64")):
            assert make_eager(distribution).train_on_batch(IMAGES, LABELS, weights)[
                0
            ] == pytest.approx(3 * plain, rel=1e-5)


def test_sample_weights_mix_with_the_labels_by_hand():
    model, weights = make_eager(FixedMix()), np.array([1.0, 0.5, 3.0, 0.0])
    mixed, _ = FixedMix().sample(IMAGES[:4], LABELS[:4], draws.run_seed(0))
    logits, share, partners = model(mixed), FixedMix.WEIGHTS, FixedMix.PARTNERS
    own = share * weights * cross_entropy(logits, LABELS[:4])
    others = (1 - share) * weights[partners] * cross_entropy(logits, LABELS[:4][partners])
    assert model.train_on_batch(IMAGES[:4], LABELS[:4], weights)[0] == pytest.approx(
        (own + others).mean(), rel=1e-5
    )


def test_weighted_accuracy_weighs_the_mixed_images():
    model, weights = (
        make_eager(FixedMix(), weighted_metrics=["accuracy"]),
        np.array([1.0, 0.5, 3.0, 0.0]),
    )
    mixed, _ = FixedMix().sample(IMAGES[:4], LABELS[:4], draws.run_seed(0))
    share, partners = FixedMix.WEIGHTS[:, None], FixedMix.PARTNERS
    soft = (
        share * weights[:, None] * LABELS[:4]
        + (1 - share) * (weights[:, None] * LABELS[:4])[partners]
    )
    correct = model(mixed).numpy().argmax(1) == soft.argmax(1)
    logs = model.train_on_batch(IMAGES[:4], LABELS[:4], weights, return_dict=True)
    assert logs["weighted_accuracy"] == pytest.approx(
        (correct * soft.sum(1)).sum() / soft.sum(), rel=1e-5
    )


@pytest.mark.parametrize("distribution", [EmpiricalRisk(), Mixup()])
def test_images_of_weight_zero_are_dropped(distribution):
    # Without its labels and weight an image shows only in what it is mixed with, and those
    # images have weight zero here, too.
    weights = np.zeros(8)
    weights[:4] = 1.0 if distribution.method == "erm" else 0.0
    other = LABELS[:8].copy()
    other[4:] = np.roll(other[4:], 1, axis=1)
    one, two = make_eager(distribution), make_eager(distribution)
    fit(one, IMAGES[:8], LABELS[:8], batch_size=8, sample_weight=weights)
    fit(two, IMAGES[:8], other, batch_size=8, sample_weight=weights)
    assert_same_weights(one, two, rtol=0, atol=0)
    moved = max(
        np.abs(new - old).max()
        for new, old in zip(one.backbone.get_weights(), make_backbone().get_weights(), strict=True)
    )
    assert np.isfinite(moved)
    assert (moved > 0) == (distribution.method == "erm")


def test_class_weights_are_sample_weights():
    one, two = make_eager(Mixup()), make_eager(Mixup())
    fit(one, class_weight={0: 1.0, 1: 0.0, 2: 2.5})
    fit(two, sample_weight=np.array([1.0, 0.0, 2.5])[CLASSES])
    assert_same_weights(one, two)


@pytest.mark.parametrize("distribution", [None, EmpiricalRisk(), Mixup()])
@pytest.mark.parametrize(
    ("loss", "labels"),
    [
        (keras.losses.BinaryCrossentropy(from_logits=True), LABELS + np.roll(LABELS, 1, axis=1)),
        (LOSS, 2.0 * LABELS),
        (keras.losses.MeanSquaredError(), np.linspace(-1, 1, 48, dtype="float32").reshape(16, 3)),
    ],
)
def test_weights_of_one_change_nothing_for_any_targets_and_any_loss(distribution, loss, labels):
    losses = []
    for weights in (None, np.ones(16)):
        model = VicinalClassifier(make_backbone(), distribution)
        model.compile("sgd", loss, run_eagerly=True)
        losses.append(model.train_on_batch(IMAGES, labels, weights))
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)


# The three verbs of a method


@register("two_views")
class TwoViews(Method):
    """Each image and its negative; the labels are those of the first rows."""

    def __init__(self, weight=0.5, **kwargs):
        super().__init__(**kwargs)
        self.weight = weight

    def draw(self, classifier, batch, seed):
        images = tf.cast(batch.inputs, tf.float32)
        return Batch(tf.concat([images, 255.0 - images], 0), batch.labels, batch.weights)

    def penalty(self, logits):
        first, second = tf.split(logits, 2)
        return self.weight * tf.reduce_mean((first - second) ** 2)


def views_loss(model, images, labels, weight):
    """The loss of `TwoViews` by hand."""
    images = images.astype("float32")
    one, other = (np.asarray(model(view), "float64") for view in (images, 255.0 - images))
    return cross_entropy(one, labels).mean() + weight * ((one - other) ** 2).mean()


def test_a_penalty_is_added_and_only_the_first_rows_are_labeled():
    model = make_eager(TwoViews(weight=0.7))
    expected = views_loss(model, IMAGES, LABELS, 0.7)
    accuracy = (model(IMAGES).numpy().argmax(1) == CLASSES).mean()
    logs = model.train_on_batch(IMAGES, LABELS, return_dict=True)
    assert logs["loss"] == pytest.approx(expected, rel=1e-5)
    assert logs["accuracy"] == pytest.approx(accuracy)


def test_a_penalty_trains_under_xla():
    compiled = make(TwoViews(), compile_settings={"jit_compile": True})
    plain = make(TwoViews())
    np.testing.assert_allclose(fit(compiled)["loss"], fit(plain)["loss"], rtol=1e-4)
    assert_same_weights(compiled, plain, atol=1e-4)


@register("hidden_scale")
class HiddenScale(Method):
    """Runs the network on what it drew: images and a factor for the logits."""

    def draw(self, classifier, batch, seed):
        return Batch((tf.cast(batch.inputs, tf.float32), tf.constant(2.0)), batch.labels)

    def forward(self, backbone, inputs):
        images, factor = inputs
        return factor * backbone(images, training=True)


def test_a_method_may_draw_more_than_images_and_run_the_network_itself():
    model = make_eager(HiddenScale())
    expected = cross_entropy(2.0 * model(IMAGES).numpy(), LABELS).mean()
    assert model.train_on_batch(IMAGES, LABELS)[0] == pytest.approx(expected, rel=1e-5)
    assert np.isfinite(fit(make(HiddenScale()))["loss"]).all()


# Labels and images


@pytest.mark.parametrize(
    ("labels", "shape"),
    [(CLASSES, r"shape \(4,\)"), (CLASSES[:, None], r"shape \(4, 1\)"), (None, "none")],
)
def test_labels_that_cannot_be_mixed_are_refused(labels, shape):
    model = VicinalClassifier(make_backbone(), Mixup())
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    with pytest.raises(
        ValueError,
        match=rf"Expected one-hot or soft labels \(B, K\).*Received: {shape}",
    ):
        fit(model, labels=labels)


def test_evaluation_and_prediction_see_the_images_as_they_are():
    class Refusing(VicinalDistribution):
        def sample(self, images, labels, seed):
            raise AssertionError("drawn from outside training")

    model = make(Refusing())
    logits = make_backbone()(IMAGES.astype("float32"))
    np.testing.assert_allclose(model.predict(IMAGES, verbose=0), logits, atol=1e-5)
    logs = model.evaluate(IMAGES, LABELS, verbose=0, return_dict=True)
    assert logs["loss"] == pytest.approx(cross_entropy(logits, LABELS).mean(), rel=1e-5)
    assert logs["accuracy"] == pytest.approx((logits.numpy().argmax(1) == CLASSES).mean())


def test_what_an_image_means_does_not_hang_on_its_dtype():
    model = make(None)
    expected = tf.nn.softmax(model.predict(IMAGES, verbose=0)).numpy()
    inputs = keras.Input((8, 8, 3))
    for wrapped in (
        keras.Sequential([model, layers.Softmax()]),
        keras.Sequential([layers.RandomFlip(), model, layers.Softmax()]),
        keras.Model(inputs, layers.Softmax()(model(inputs))),
    ):
        given = wrapped.predict(IMAGES, verbose=0)
        np.testing.assert_allclose(given, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (IMAGES / 255.0, LABELS, "0..255. Received: 0 to 1, which looks like"),
        (IMAGES - 300.0, LABELS, "0..255. Received: -300 to -45"),
        (IMAGES.astype("uint16") * 257, LABELS, "uint8 or floating, in 0..255. Received: uint16"),
        (IMAGES[..., 0], LABELS, r"\(B, H, W, C\). Received: shape \((16|8), 8, 8\)"),
        (IMAGES, np.eye(4)[CLASSES], r"Expected labels \(B, 3\).*Received: shape \((16|8), 4\)"),
        (IMAGES, np.array(["cat"] * 16), "labels as numbers. Received: <U3|labels as numbers.*cat"),
        ({"image": IMAGES, "label": LABELS}, None, "dict with the keys image, label"),
    ],
)
@pytest.mark.parametrize("piped", [False, True])
def test_data_that_cannot_be_right_are_refused_before_training(images, labels, message, piped):
    model = make(Mixup())
    data = (images, labels)
    if piped:
        elements = images if labels is None else data
        data = (tf.data.Dataset.from_tensor_slices(elements).batch(8),)
    with pytest.raises(ValueError, match=message):
        model.fit(*data, verbose=0)
    assert int(model.step) == 0


def test_class_numbers_from_one_are_refused():
    model = make(None)
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    with pytest.raises(ValueError, match=r"class numbers from 0 to 2[.] Received: 1 to 3"):
        model.fit(IMAGES, CLASSES + 1, verbose=0)


def test_floats_in_0_to_255_train_as_bytes_do():
    one, other = make(Mixup()), make(Mixup())
    np.testing.assert_allclose(
        fit(one, IMAGES.astype("float32"))["loss"], fit(other)["loss"], rtol=1e-6
    )


def test_images_in_0_to_1_where_the_value_range_says_so(autoencoder):
    """The same training, with a backbone and images in [0, 1]."""
    inputs = keras.Input((8, 8, 3))
    for distribution in (None, Mixup(), VarMixup(autoencoder)):
        levels = make(distribution)
        unit = VicinalClassifier(
            keras.Model(inputs, levels.backbone(255.0 * inputs)), distribution, value_range=(0, 1)
        )
        unit.compile("sgd", LOSS, metrics=["accuracy"])
        given = (IMAGES / 255.0).astype("float32")
        np.testing.assert_allclose(unit(given), levels(IMAGES), atol=1e-5)
        start = levels.backbone.get_weights()
        expected = fit(levels)["loss"]
        levels.backbone.set_weights(start)
        np.testing.assert_allclose(fit(unit, given)["loss"], expected, rtol=1e-4)
        with pytest.raises(ValueError, match=r"Expected images in 0[.][.]1[.] Received: 0 to 255"):
            unit.fit(IMAGES, LABELS, verbose=0)


def test_a_backbone_of_version_0_1_gets_its_range():
    inputs = keras.Input((8, 8, 3))
    levels = make_backbone()
    old = keras.Model(inputs, levels(255.0 * inputs))
    model = VicinalClassifier(old, Mixup(), backbone_range=(0, 1))
    model.compile("sgd", LOSS)
    np.testing.assert_allclose(model(IMAGES), levels(IMAGES.astype("float32")), atol=1e-5)
    assert np.isfinite(fit(model)["loss"]).all()
    config = model.get_config()
    assert (config["value_range"], config["backbone_range"]) == ((0, 255), (0, 1))


def test_an_unknown_range_is_refused():
    with pytest.raises(ValueError, match=r"value_range to be one of \(0, 255\), \(0, 1\)"):
        VicinalClassifier(make_backbone(), value_range=(-1, 1))


@pytest.mark.parametrize("trained", [False, True])
def test_it_exports_itself(trained, tmp_path):
    model = make(Mixup())
    if trained:
        fit(model)
    model.export(tmp_path / "exported", verbose=False)
    loaded = tf.saved_model.load(tmp_path / "exported")
    served = loaded.serve(IMAGES.astype("float32"))
    np.testing.assert_allclose(served, model(IMAGES), atol=1e-5)


def test_the_former_keyword_still_works():
    with pytest.warns(DeprecationWarning, match="vicinity is called method now"):
        model = VicinalClassifier(make_backbone(), vicinity=Mixup())
    assert model.vicinity is model.method


# Precision


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("everywhere", [True, False])
def test_bytes_and_floats_give_the_same_float32_logits(policy, everywhere, dtype_policy):
    if everywhere:
        dtype_policy(policy)
    model = VicinalClassifier(make_backbone(), dtype=policy)
    logits = model(IMAGES)
    assert logits.dtype == tf.float32
    assert np.ptp(logits) > 0.01
    np.testing.assert_allclose(model(IMAGES.astype("float32")), logits, atol=1e-6)


@pytest.fixture(scope="module")
def exact_loss(autoencoder):
    return fit(make(VarMixup(autoencoder)), epochs=4)["loss"]


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_trains(policy, dtype_policy, exact_loss, autoencoder):
    dtype_policy(policy)
    half = VariationalAutoencoder((8, 8, 3), width=8, blocks=1, latent_size=2)
    half.set_weights(autoencoder.get_weights())
    model = make(VarMixup(half))
    history = fit(model, epochs=4)
    assert isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer) == (
        policy == "mixed_float16"
    )
    assert model.backbone.layers[2].compute_dtype == policy.removeprefix("mixed_")
    assert all(variable.dtype == "float32" for variable in model.backbone.trainable_variables)
    np.testing.assert_allclose(history["loss"], exact_loss, rtol=0.03)
    assert int(model.step) == 16


# Distribution


@pytest.fixture(scope="module")
def strategy():
    # TensorFlow's collective operations take the first steps of several strategies in one process
    # for the same.
    return tf.distribute.MirroredStrategy(
        ["CPU:0", "CPU:1"], cross_device_ops=tf.distribute.ReductionToOneDevice()
    )


def test_replicas_draw_apart(strategy):
    with strategy.scope():
        probe = Probe()
        model = make(probe, seed=2)
    fit(model, batch_size=8)
    run = draws.run_seed(2)
    expected = {
        tuple(draws.fold(run, step, replica).numpy().tolist())
        for step in (0, 1)
        for replica in (0, 1)
    }
    assert len(probe.seeds) == 4
    assert set(probe.seeds) == expected


def test_replicas_agree_on_the_weights_after_mixing(strategy):
    with strategy.scope():
        model = make(Mixup(), "adam")
    history = fit(model, batch_size=8, sample_weight=np.linspace(0, 2, 16))
    assert np.isfinite(history["loss"]).all()
    for variable in model.variables:
        first, second = (replica.numpy() for replica in variable.value.values)
        np.testing.assert_array_equal(first, second, err_msg=variable.path)
    assert [int(replica) for replica in model.step.value.values] == [2, 2]


def test_two_replicas_train_as_one(strategy):
    weights = np.linspace(0, 2, 16)
    single = make(EmpiricalRisk())
    expected = fit(single, batch_size=8, epochs=2, sample_weight=weights)
    with strategy.scope():
        mirrored = make(EmpiricalRisk())
    history = fit(mirrored, batch_size=8, epochs=2, sample_weight=weights)
    np.testing.assert_allclose(history["loss"], expected["loss"], rtol=1e-5)
    assert_same_weights(mirrored.backbone, single.backbone, atol=1e-5)


def test_a_penalty_is_scaled_for_replicas(strategy):
    single = make(TwoViews())
    expected = fit(single, batch_size=8, epochs=2)
    with strategy.scope():
        mirrored = make(TwoViews())
    history = fit(mirrored, batch_size=8, epochs=2)
    np.testing.assert_allclose(history["loss"], expected["loss"], rtol=1e-5)
    assert_same_weights(mirrored.backbone, single.backbone, atol=1e-5)


# Saving and going on


@pytest.mark.parametrize(
    ("method", "optimizer"),
    [
        ("mixup", keras.optimizers.SGD(0.05, momentum=0.9)),
        ("varmixup", keras.optimizers.Adam(1e-2)),
    ],
)
def test_saved_and_loaded_it_goes_on_as_if_nothing_had_happened(
    method, optimizer, autoencoder, tmp_path
):
    distribution = create(method, autoencoder, alpha=0.4)
    model = make(distribution, type(optimizer).from_config(optimizer.get_config()), seed=7)
    fit(model)
    model.save(tmp_path / "classifier.keras")
    loaded = keras.saving.load_model(tmp_path / "classifier.keras")
    assert loaded.seed == 7
    assert int(loaded.step) == 4
    assert type(loaded.vicinity) is type(distribution)
    assert loaded.vicinity.alpha == distribution.alpha
    assert len(loaded.trainable_variables) == 4
    np.testing.assert_array_equal(
        loaded.predict(IMAGES, verbose=0), model.predict(IMAGES, verbose=0)
    )
    copied = copy.deepcopy(model)
    one, other, third = fit(model), fit(loaded), fit(copied)
    np.testing.assert_allclose(third["loss"], one["loss"], rtol=1e-5)
    assert int(loaded.step) == int(copied.step) == 8
    np.testing.assert_allclose(one["loss"], other["loss"], rtol=1e-5)
    assert_same_weights(loaded, model, atol=1e-5)


def test_without_a_method_it_is_saved_too(tmp_path):
    model = make(None)
    model.save(tmp_path / "classifier.keras")
    loaded = keras.saving.load_model(tmp_path / "classifier.keras")
    assert loaded.method is None
    np.testing.assert_array_equal(
        loaded.predict(IMAGES, verbose=0), model.predict(IMAGES, verbose=0)
    )


def test_a_resumed_run_is_the_uninterrupted_run(tmp_path):
    class Interrupt(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise KeyboardInterrupt

    def new():
        return make(Mixup(alpha=0.4), "adam", compile_settings={"run_eagerly": True})

    whole = new()
    fit(whole, epochs=4)
    backup = {"backup_dir": str(tmp_path / "backup"), "delete_checkpoint": False}
    with pytest.raises(KeyboardInterrupt):
        fit(new(), epochs=4, callbacks=[keras.callbacks.BackupAndRestore(**backup), Interrupt()])
    resumed = new()
    history = fit(resumed, epochs=4, callbacks=[keras.callbacks.BackupAndRestore(**backup)])
    assert len(history["loss"]) == 2
    assert int(resumed.step) == 16
    assert_same_weights(resumed, whole, atol=1e-5)


def test_the_same_seed_gives_the_same_weights_bit_for_bit():
    program = """
        import hashlib, keras, numpy as np, tensorflow as tf
        from models import FusedBatchNormalization, VariationalAutoencoder
        from tf_varmixup.classifier import VicinalClassifier
        from tf_varmixup.methods import VarMixup
        tf.config.experimental.enable_op_determinism()
        images = np.random.default_rng(0).integers(0, 256, (16, 8, 8, 3)).astype("uint8")
        labels = np.eye(3, dtype="float32")[np.arange(16) % 3]
        keras.utils.set_random_seed(0)
        autoencoder = VariationalAutoencoder((8, 8, 3), width=8, blocks=1, latent_size=2)
        for _ in range(2):
            keras.utils.set_random_seed(0)
            backbone = keras.Sequential(
                [
                    keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 3), FusedBatchNormalization(),
                    keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(3),
                ]
            )
            method = VarMixup(autoencoder, latents="sample", alpha=0.5)
            model = VicinalClassifier(backbone, method, seed=4)
            model.compile("adam", keras.losses.CategoricalCrossentropy(from_logits=True))
            model.fit(images, labels, batch_size=4, epochs=2, verbose=0)
            whole = b"".join(weight.tobytes() for weight in model.backbone.get_weights())
            print("digest", hashlib.sha256(whole).hexdigest())
    """
    root = pathlib.Path(__file__).resolve().parent.parent
    environment = {**os.environ, "PYTHONPATH": str(root), "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    first, second = (line for line in done.stdout.splitlines() if line.startswith("digest"))
    assert first == second
