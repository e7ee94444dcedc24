"""The classifier that judges midpoints, and what a run measures with it."""

import importlib

import keras
import numpy as np
import pytest

from models import VariationalAutoencoder, compact
from tf_varmixup import data
from tf_varmixup.evaluation import latent_space_summary
from tf_varmixup.methods import MixupReconstruction, VarMixup
from tf_varmixup.training import measure_latent_space, reference_classifier


@pytest.fixture
def train_for(monkeypatch):
    """Set for how many steps the judge is trained."""
    module = importlib.import_module("tf_varmixup.training.reference_classifier")
    return lambda steps: monkeypatch.setattr(module, "STEPS", steps)


@pytest.mark.slow
def test_the_judge_knows_the_classes(recipe, train_for):
    train_for(80)
    digits = data.load_data("digits")
    judge = reference_classifier(digits, recipe(batch_size=64))
    features, logits = judge(digits.test.images, training=False)
    assert np.mean(np.argmax(logits, 1) == digits.test.labels) > 0.8
    assert features.shape == (len(digits.test), 64)


@pytest.mark.slow
def test_the_judge_is_the_same_for_every_seed(recipe, dataset, train_for):
    train_for(2)
    judges = [reference_classifier(dataset, recipe(seed=seed)) for seed in (0, 7)]
    for one, other in zip(judges[0].get_weights(), judges[1].get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_run_measures_its_own_way_of_mixing(recipe, dataset, monkeypatch):
    network = compact(dataset.image_shape, 3, width=4)
    judge = keras.Model(network.input, [network.get_layer("pool").output, network.output])
    stage = importlib.import_module("tf_varmixup.training.latent_space_stage")
    monkeypatch.setattr(stage, "reference_classifier", lambda dataset, recipe: judge)
    autoencoder = VariationalAutoencoder(dataset.image_shape, width=4, blocks=1)
    own = VarMixup(autoencoder, interpolation="norm_keeping", noise=0.2)
    for method, measured in ((own, own), (MixupReconstruction(autoencoder), VarMixup(autoencoder))):
        expected = latent_space_summary(measured, judge, dataset.test.images)
        found = measure_latent_space(method, autoencoder, dataset, recipe(method="varmixup"))
        assert found.keys() == expected.keys()
        np.testing.assert_allclose(list(found.values()), list(expected.values()), rtol=1e-3)
