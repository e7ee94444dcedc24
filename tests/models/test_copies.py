"""Exports of what is trained, before and after use, and copies of what is no model.

Networks, autoencoders, layers and classifiers by every method are copied in test_harness_*.py.
"""

import copy
import pickle

import keras
import numpy as np
import pytest
import tensorflow as tf

from models import VariationalAutoencoder, compact
from models.dirac import Dirac
from tf_varmixup import VarMixup, VicinalClassifier

IMAGES = np.random.default_rng(0).integers(0, 256, (8, 8, 8, 1)).astype("uint8")
LABELS = np.eye(4, dtype="float32")[np.arange(8) % 4]


def autoencoder():
    return VariationalAutoencoder((8, 8, 1), width=8, blocks=1, latent_size=2)


MODELS = {
    "autoencoder": autoencoder,
    "classifier by VarMixup": lambda: VicinalClassifier(
        compact((8, 8, 1), 4, width=4), VarMixup(autoencoder(), clean_share=0.25), seed=2
    ),
}


def fit(model):
    if isinstance(model, VariationalAutoencoder):
        model.compile(keras.optimizers.Adam(1e-3), run_eagerly=True)
        model.fit(IMAGES, batch_size=4, verbose=0)
    else:
        loss = keras.losses.CategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.SGD(0.1, momentum=0.9), loss, run_eagerly=True)
        model.fit(IMAGES, LABELS, batch_size=4, verbose=0)


def outputs(model, images=IMAGES):
    result = model(images)
    return np.asarray(result["reconstruction"] if isinstance(result, dict) else result)


@pytest.mark.slow
@pytest.mark.parametrize("used", [False, True], ids=["new", "used"])
@pytest.mark.parametrize("name", MODELS)
def test_an_exported_model_gives_what_the_model_gives(name, used, tmp_path):
    keras.utils.set_random_seed(0)
    model = MODELS[name]()
    if used:
        fit(model)
    model.export(tmp_path / "exported", verbose=False)
    exported = tf.saved_model.load(tmp_path / "exported")
    served = exported.serve(tf.constant(IMAGES, tf.float32))
    served = served["reconstruction"] if isinstance(served, dict) else served
    np.testing.assert_allclose(served, outputs(model), rtol=1e-4, atol=1e-3)


def test_a_clone_of_a_classifier_has_the_architecture_and_takes_the_weights():
    model = MODELS["classifier by VarMixup"]()
    clone = keras.models.clone_model(model)
    assert type(clone) is type(model)
    assert clone.get_config().keys() == model.get_config().keys()
    clone.set_weights(model.get_weights())
    np.testing.assert_array_equal(outputs(clone), outputs(model))


@pytest.mark.parametrize(
    "copied",
    [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))],
    ids=["deepcopy", "pickle"],
)
def test_the_initializer_is_copied(copied):
    initializer = Dirac(seed=3)
    kernel = copied(initializer)((3, 3, 2, 5))
    np.testing.assert_array_equal(kernel, initializer((3, 3, 2, 5)))
