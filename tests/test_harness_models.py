"""Every network, autoencoder and layer goes through the harness, what is new included."""

import functools

import pytest

import models
from models import FusedBatchNormalization, VariationalAutoencoder, airbench, compact
from tests.harness import check_autoencoder, check_classifier, check_layer

TINY = {
    "airbench": functools.partial(airbench, widths=(4, 8)),
    "compact": functools.partial(compact, width=4),
}


def test_layers():
    check_layer(lambda: FusedBatchNormalization(momentum=0.5), (4, 4, 3))


SLOW = {"marks": pytest.mark.slow}  # kinds that are slow to trace; layers are in the others, too


@pytest.mark.parametrize(
    "name",
    [*models.NETWORKS, pytest.param("wrn-10-1", **SLOW), pytest.param("resnet18", **SLOW)],
)
def test_classifiers(name, small_resnet):
    check_classifier(TINY.get(name) or models.classifier_builder(name))


@pytest.mark.parametrize(
    "settings",
    [
        {},
        pytest.param({"latent": "flat", "objective": "mmd"}, **SLOW),
        pytest.param({"latent": "circles"}, **SLOW),
    ],
    ids=str,
)
def test_autoencoders(settings):
    check_autoencoder(lambda shape: VariationalAutoencoder(shape, width=4, blocks=1, **settings))
