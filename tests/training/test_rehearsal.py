import dataclasses
import random

import keras
import numpy as np
import pytest

import models
from models import VariationalAutoencoder
from tf_varmixup.training import check_size, load_autoencoder, make_autoencoder, rehearse

SHAPE = (8, 8, 1)


def test_a_classifier_that_is_too_large_is_refused_without_being_made(recipe, dataset):
    said = r"can be trained in the memory .*wrn-16-9999, .* for [\d,]+ weights"
    with pytest.raises(ValueError, match=said):
        check_size(recipe(classifier="wrn-16-9999"), dataset)
    check_size(recipe(classifier="compact"), dataset)


def test_a_classifier_of_too_many_layers_is_refused(recipe, dataset, monkeypatch):
    def build(image_shape, num_classes):
        raise RecursionError("maximum recursion depth exceeded")

    monkeypatch.setitem(models.NETWORKS, "compact", build)
    with pytest.raises(ValueError, match="Received: compact, which has too many layers"):
        check_size(recipe(classifier="compact"), dataset)


def test_images_that_are_too_large_are_refused(recipe, dataset):
    def large(split):
        images = np.broadcast_to(np.zeros((1, 1, 1, 1), "uint8"), (len(split), 20000, 20000, 1))
        return dataclasses.replace(split, images=images)

    splits = {name: large(getattr(dataset, name)) for name in ("train", "validation", "test")}
    with pytest.raises(ValueError, match="batches of 8 images of 20000 x 20000 x 1"):
        check_size(recipe(classifier="compact"), dataclasses.replace(dataset, **splits))


@pytest.mark.usefixtures("tiny_classifier", "tiny_autoencoder")
@pytest.mark.parametrize(
    "settings", [{"method": "mixup", "mix_in": "data"}, {"method": "varmixup"}]
)
def test_a_rehearsal_leaves_no_trace(recipe, dataset, settings):
    settings = recipe(**settings)
    autoencoder = make_autoencoder(SHAPE, settings)
    before = random.getstate(), np.random.get_state()[1].tolist()
    weights = [] if autoencoder is None else autoencoder.get_weights()
    rehearse(settings, autoencoder, dataset)
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before
    if autoencoder is not None:
        assert autoencoder.trainable
        for one, other in zip(weights, autoencoder.get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.usefixtures("tiny_classifier")
def test_what_fails_on_a_batch_is_said_before_the_training(recipe, dataset, monkeypatch):
    def fail(self, *rest):
        raise TypeError("no such tensor\nin two lines")

    monkeypatch.setattr("tf_varmixup.methods.mixup.Mixup.sample", fail, raising=False)
    monkeypatch.setattr("tf_varmixup.methods.mixup.Mixup.draw", fail)
    said = "8 images to go through mixup and compact. Received: TypeError: no such tensor in two"
    with pytest.raises(ValueError, match=said):
        rehearse(recipe(method="mixup"), None, dataset)


def test_an_autoencoder_without_finite_weights_is_refused(tmp_path):
    model = VariationalAutoencoder(SHAPE, width=4, blocks=1)
    weight = model.trainable_variables[0]
    weight.assign(keras.ops.full(weight.shape, np.nan))
    model.save(tmp_path / "vae.keras")
    with pytest.raises(ValueError, match=r"finite weights. Received: .*vae\.keras"):
        load_autoencoder(tmp_path / "vae.keras", SHAPE)
