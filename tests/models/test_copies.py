"""Copies, clones and exports of what is trained, before and after use.

Networks and other autoencoders are copied in test_harness.py.
"""

import copy
import pickle

import keras
import numpy as np
import pytest
import tensorflow as tf

from models import FusedBatchNormalization, VariationalAutoencoder, compact
from models.dirac import Dirac
from tf_varmixup import Mixup, VarMixup, VicinalClassifier

IMAGES = np.random.default_rng(0).integers(0, 256, (8, 8, 8, 1)).astype("uint8")
LABELS = np.eye(4, dtype="float32")[np.arange(8) % 4]


def autoencoder(**settings):
    return VariationalAutoencoder((8, 8, 1), width=8, blocks=1, latent_size=2, **settings)


MODELS = {
    "autoencoder": autoencoder,
    "classifier": lambda: VicinalClassifier(compact((8, 8, 1), 4, width=4), Mixup(alpha=0.3)),
    "classifier by VarMixup": lambda: VicinalClassifier(
        compact((8, 8, 1), 4, width=4), VarMixup(autoencoder(), clean_share=0.25), seed=2
    ),
}
COPIES = {
    "deepcopy": copy.deepcopy,
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),
}


def fit(model):
    if isinstance(model, VariationalAutoencoder):
        model.compile(keras.optimizers.Adam(1e-3))
        model.fit(IMAGES, batch_size=4, verbose=0)
    else:
        loss = keras.losses.CategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.SGD(0.1, momentum=0.9), loss, metrics=["accuracy"])
        model.fit(IMAGES, LABELS, batch_size=4, verbose=0)


def outputs(model, images=IMAGES):
    result = model(images)
    return np.asarray(result["reconstruction"] if isinstance(result, dict) else result)


@pytest.fixture(scope="module", params=[False, True], ids=["new", "used"])
def models(request):
    keras.utils.set_random_seed(0)
    made = {name: make() for name, make in MODELS.items()}
    if request.param:
        for model in made.values():
            fit(model)
    return made


@pytest.mark.parametrize("how", COPIES)
@pytest.mark.parametrize("name", MODELS)
def test_a_copy_gives_the_same_and_is_another(models, name, how):
    model = models[name]
    before = outputs(model)
    other = COPIES[how](model)
    assert type(other) is type(model)
    assert other is not model
    np.testing.assert_array_equal(outputs(other), before)
    if getattr(model, "optimizer", None) is not None:
        ours, theirs = model.optimizer.variables, other.optimizer.variables
        for one, another in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(one, another)
    for weight in other.weights:
        weight.assign(tf.zeros_like(weight))
    np.testing.assert_array_equal(outputs(model), before)


@pytest.mark.parametrize("name", MODELS)
def test_a_clone_has_the_architecture_and_takes_the_weights(models, name):
    model = models[name]
    clone = keras.models.clone_model(model)
    assert type(clone) is type(model)
    assert clone.get_config().keys() == model.get_config().keys()
    clone.set_weights(model.get_weights())
    np.testing.assert_array_equal(outputs(clone), outputs(model))


@pytest.mark.parametrize("how", COPIES)
@pytest.mark.parametrize("name", ["autoencoder", "classifier by VarMixup"])
def test_a_copy_of_a_used_model_trains_on_as_the_model_does(name, how):
    keras.utils.set_random_seed(0)
    model = MODELS[name]()
    fit(model)
    other = COPIES[how](model)
    labels = () if name == "autoencoder" else (LABELS,)
    for one in (model, other):
        one.fit(IMAGES, *labels, batch_size=4, shuffle=False, verbose=0)
    assert int(other.step) == int(model.step) == 4
    for mine, theirs in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(theirs, mine, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["autoencoder", "classifier", "classifier by VarMixup"])
def test_an_exported_model_gives_what_the_model_gives(models, name, tmp_path):
    model = models[name]
    model.export(tmp_path / "exported", verbose=False)
    exported = tf.saved_model.load(tmp_path / "exported")
    served = exported.serve(tf.constant(IMAGES, tf.float32))
    served = served["reconstruction"] if isinstance(served, dict) else served
    np.testing.assert_allclose(served, outputs(model), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("how", COPIES)
@pytest.mark.parametrize("built", [False, True])
def test_the_layer_is_copied(how, built):
    layer = FusedBatchNormalization(momentum=0.5)
    if built:
        layer(IMAGES.astype("float32"), training=True)
    other = COPIES[how](layer)
    assert other.momentum == 0.5
    assert other.built == built
    for one, another in zip(layer.weights, other.weights, strict=True):
        np.testing.assert_array_equal(one, another)


@pytest.mark.parametrize("how", COPIES)
def test_the_initializer_is_copied(how):
    initializer = Dirac(seed=3)
    kernel = COPIES[how](initializer)((3, 3, 2, 5))
    np.testing.assert_array_equal(kernel, initializer((3, 3, 2, 5)))
