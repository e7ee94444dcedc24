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
from tf_varmixup.images import as_float
from tf_varmixup.methods import (
    EmpiricalRisk,
    Mixup,
    PairwiseVicinity,
    VarMixup,
    VicinalDistribution,
)

IMAGES = np.random.default_rng(0).integers(0, 256, (16, 8, 8, 3)).astype("uint8")
CLASSES = np.random.default_rng(1).integers(0, 3, 16)
LABELS = np.eye(3, dtype="float32")[CLASSES]
LOSS = keras.losses.CategoricalCrossentropy(from_logits=True)


def make_backbone(seed=0):
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((8, 8, 3))
    x = layers.Flatten()(layers.Conv2D(4, 3, strides=2, activation="relu")(inputs))
    return keras.Model(inputs, layers.Dense(3, dtype="float32")(x))


def make(distribution=None, optimizer="sgd", seed=0, compile_settings=None, **settings):
    model = VicinalClassifier(make_backbone(), distribution, seed=seed, **settings)
    model.compile(optimizer, LOSS, metrics=["accuracy"], **(compile_settings or {}))
    return model


def make_eager(distribution, **compile_settings):
    """Make a classifier whose single steps need no graph."""
    return make(distribution, compile_settings={"run_eagerly": True, **compile_settings})


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
        return as_float(images), labels


# Training


def test_erm_is_plain_training():
    plain = make_backbone()
    plain.compile(keras.optimizers.Adam(1e-2), LOSS, metrics=["accuracy"])
    history = fit(plain, as_float(IMAGES), epochs=3)
    for distribution in (None, EmpiricalRisk()):
        model = make(distribution, keras.optimizers.Adam(1e-2))
        ours = fit(model, epochs=3)
        assert_same_weights(model.backbone, plain, atol=1e-5)
        assert set(ours) == set(history) == {"loss", "accuracy"}
        np.testing.assert_allclose(ours["loss"], history["loss"], rtol=1e-5)
        assert ours["accuracy"] == history["accuracy"] and ours["loss"][-1] < ours["loss"][0]


@pytest.mark.parametrize("method", list(methods.methods()))
def test_every_method_trains_under_xla(method, autoencoder):
    before = autoencoder.get_weights()
    model = make(
        methods.create(method, autoencoder=autoencoder, alpha=0.5),
        compile_settings={"jit_compile": True},
    )
    start = model.backbone.get_weights()
    history = fit(model, batch_size=8)
    assert set(history) == {"loss", "accuracy"} and 0.1 < history["loss"][0] < 10.0
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


def test_the_measures_of_the_autoencoder_stay_out_of_the_logs(autoencoder):
    model = make(VarMixup(autoencoder))
    history = fit(model, validation_data=(IMAGES, LABELS))
    assert (
        set(history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
        and history["loss"][0] > 0.1
    )
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
    assert len(set(probe.seeds)) == 8 and int(model.step) == 8


def test_another_seed_trains_otherwise():
    one, same, other = (
        make(Mixup(), seed=seed, compile_settings={"run_eagerly": True}) for seed in (1, 1, 2)
    )
    losses = [fit(model, batch_size=8)["loss"][0] for model in (one, same, other)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5) and abs(losses[0] - losses[2]) > 1e-4


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


def test_weighted_accuracy_weighs_the_mixed_pictures():
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
def test_pictures_of_weight_zero_are_dropped(distribution):
    # Without its labels and weight a picture shows only in what it is mixed with, and those
    # pictures have weight zero here, too.
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
    assert np.isfinite(moved) and (moved > 0) == (distribution.method == "erm")


def test_class_weights_are_sample_weights():
    one, two = make_eager(Mixup()), make_eager(Mixup())
    fit(one, class_weight={0: 1.0, 1: 0.0, 2: 2.5})
    fit(two, sample_weight=np.array([1.0, 0.0, 2.5])[CLASSES])
    assert_same_weights(one, two)


# Labels and pictures


@pytest.mark.parametrize(
    ("labels", "shape"), [(CLASSES, r"\(4,\)"), (CLASSES[:, None], r"\(4, 1\)"), (None, "None")]
)
def test_labels_that_cannot_be_mixed_are_refused(labels, shape):
    model = VicinalClassifier(make_backbone(), Mixup())
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    with pytest.raises(
        ValueError,
        match=rf"labels must be one-hot or soft, of shape \(B, K\).*received shape {shape}",
    ):
        fit(model, labels=labels)


def test_evaluation_and_prediction_see_the_pictures_as_they_are():
    class Refusing(VicinalDistribution):
        def sample(self, images, labels, seed):
            raise AssertionError("drawn from outside training")

    model = make(Refusing())
    logits = make_backbone()(as_float(IMAGES))
    np.testing.assert_allclose(model.predict(IMAGES, verbose=0), logits, atol=1e-5)
    logs = model.evaluate(IMAGES, LABELS, verbose=0, return_dict=True)
    assert logs["loss"] == pytest.approx(cross_entropy(logits, LABELS).mean(), rel=1e-5)
    assert logs["accuracy"] == pytest.approx((logits.numpy().argmax(1) == CLASSES).mean())


# Precision


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("everywhere", [True, False])
def test_bytes_and_floats_give_the_same_float32_logits(policy, everywhere, dtype_policy):
    if everywhere:
        dtype_policy(policy)
    model = VicinalClassifier(make_backbone(), dtype=policy)
    logits = model(IMAGES)
    assert logits.dtype == tf.float32 and np.ptp(logits) > 0.01
    np.testing.assert_allclose(model(IMAGES / np.float32(255)), logits, atol=1e-6)


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
    assert model.backbone.layers[1].compute_dtype == policy.removeprefix("mixed_")
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
    assert len(probe.seeds) == 4 and set(probe.seeds) == expected


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
    distribution = methods.create(method, autoencoder=autoencoder, alpha=0.4)
    model = make(distribution, type(optimizer).from_config(optimizer.get_config()), seed=7)
    fit(model)
    model.save(tmp_path / "classifier.keras")
    loaded = keras.saving.load_model(tmp_path / "classifier.keras")
    assert (
        loaded.seed == 7 and int(loaded.step) == 4 and type(loaded.vicinity) is type(distribution)
    )
    assert loaded.vicinity.alpha == distribution.alpha and len(loaded.trainable_variables) == 4
    np.testing.assert_array_equal(
        loaded.predict(IMAGES, verbose=0), model.predict(IMAGES, verbose=0)
    )
    one, other = fit(model), fit(loaded)
    assert int(loaded.step) == 8
    np.testing.assert_allclose(one["loss"], other["loss"], rtol=1e-5)
    assert_same_weights(loaded, model, atol=1e-5)


def test_without_a_vicinity_it_is_saved_too(tmp_path):
    model = make(None)
    model.save(tmp_path / "classifier.keras")
    loaded = keras.saving.load_model(tmp_path / "classifier.keras")
    assert loaded.vicinity is None
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
    assert len(history["loss"]) == 2 and int(resumed.step) == 16
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
                    keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 3), FusedBatchNormalization(), keras.layers.GlobalAveragePooling2D(),
                    keras.layers.Dense(3),
                ]
            )
            model = VicinalClassifier(backbone, VarMixup(autoencoder, latents="sample", alpha=0.5), seed=4)
            model.compile("adam", keras.losses.CategoricalCrossentropy(from_logits=True))
            model.fit(images, labels, batch_size=4, epochs=2, verbose=0)
            print("digest", hashlib.sha256(b"".join(weight.tobytes() for weight in model.backbone.get_weights())).hexdigest())
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
