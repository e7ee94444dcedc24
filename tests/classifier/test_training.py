import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.classifier.common import (
    IMAGES,
    LABELS,
    LOSS,
    FixedMix,
    Probe,
    assert_same_weights,
    cross_entropy,
    fit,
    make,
    make_backbone,
    make_eager,
)
from tf_varmixup import draws
from tf_varmixup.methods import (
    EmpiricalRisk,
    Mixup,
    VarMixup,
)


def test_erm_is_plain_training():
    plain = make_backbone()
    plain.compile(keras.optimizers.Adam(1e-2), LOSS, metrics=["accuracy"], run_eagerly=True)
    history = fit(plain, IMAGES, epochs=2)
    for distribution in (None, EmpiricalRisk()):
        model = make(
            distribution,
            keras.optimizers.Adam(1e-2),
            compile_settings={"run_eagerly": True},
        )
        ours = fit(model, epochs=2)
        assert_same_weights(model.backbone, plain, atol=1e-5)
        assert set(ours) == set(history) == {"loss", "accuracy"}
        np.testing.assert_allclose(ours["loss"], history["loss"], rtol=1e-5)
        assert ours["accuracy"] == history["accuracy"]
        assert ours["loss"][-1] < ours["loss"][0]


# The steps of every method are compiled in test_harness_methods.py.
def test_it_trains_under_xla():
    model = make(Mixup(alpha=0.5), compile_settings={"jit_compile": True})
    start = model.backbone.get_weights()
    history = fit(model, batch_size=8)
    assert set(history) == {"loss", "accuracy"}
    assert 0.1 < history["loss"][0] < 10.0
    assert all(
        np.abs(new - old).max() > 0
        for new, old in zip(model.backbone.get_weights(), start, strict=True)
    )


def test_logged_loss_is_that_of_the_drawn_batch():
    model = make_eager(FixedMix())
    mixed, soft = FixedMix().sample(IMAGES[:4], LABELS[:4], draws.run_seed(0))
    expected = cross_entropy(model(mixed), soft.numpy()).mean()
    assert model.train_on_batch(IMAGES[:4], LABELS[:4], return_dict=True)["loss"] == pytest.approx(
        expected, rel=1e-5
    )


def test_the_metrics_of_the_autoencoder_stay_out_of_the_logs(autoencoder):
    model = make_eager(VarMixup(autoencoder))
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
    before = autoencoder.get_weights()
    distribution = VarMixup(autoencoder, alpha=0.4)
    in_step, in_data = make(distribution, seed=3), make(None, seed=3)
    batches = tf.data.Dataset.from_tensor_slices((IMAGES, LABELS)).repeat().batch(5)
    one = in_step.fit(batches, steps_per_epoch=6, shuffle=False, verbose=0).history
    other = in_data.fit(
        distribution.map(batches, seed=3), steps_per_epoch=6, shuffle=False, verbose=0
    ).history
    assert_same_weights(in_step.backbone, in_data.backbone, atol=1e-5)
    np.testing.assert_allclose(one["loss"], other["loss"], rtol=1e-5)
    # Neither trains the autoencoder.
    for new, old in zip(autoencoder.get_weights(), before, strict=True):
        np.testing.assert_array_equal(new, old)
