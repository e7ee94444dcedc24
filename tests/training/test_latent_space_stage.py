"""The classifier that judges midpoints, and what a run measures with it."""

import importlib

import numpy as np
import pytest

from models import VariationalAutoencoder
from tf_varmixup import data
from tf_varmixup.evaluation import latent_space_summary
from tf_varmixup.methods import MixupReconstruction, VarMixup
from tf_varmixup.training import measure_latent_space, reference_classifier


@pytest.fixture
def train_for(monkeypatch):
    """Set for how many steps the judge is trained."""
    module = importlib.import_module("tf_varmixup.training.reference_classifier")
    return lambda steps: monkeypatch.setattr(module, "STEPS", steps)


def test_the_judge_knows_the_classes(recipe, train_for):
    train_for(80)
    digits = data.load_data("digits")
    judge = reference_classifier(digits, recipe(batch_size=64))
    features, logits = judge(digits.test.images, training=False)
    assert np.mean(np.argmax(logits, 1) == digits.test.labels) > 0.8
    assert features.shape == (len(digits.test), 64)


def test_a_run_measures_its_own_way_of_mixing_by_one_judge_for_all_seeds(
    recipe, dataset, train_for
):
    train_for(2)
    autoencoder = VariationalAutoencoder(dataset.image_shape, width=4, blocks=1)
    own = VarMixup(autoencoder, interpolation="norm_keeping", noise=0.2)
    reference = reference_classifier(dataset, recipe(method="varmixup", seed=7))
    for method, measured in ((own, own), (MixupReconstruction(autoencoder), VarMixup(autoencoder))):
        expected = latent_space_summary(measured, reference, dataset.test.images)
        found = measure_latent_space(method, autoencoder, dataset, recipe(method="varmixup"))
        assert found.keys() == expected.keys()
        np.testing.assert_allclose(list(found.values()), list(expected.values()), rtol=1e-3)
