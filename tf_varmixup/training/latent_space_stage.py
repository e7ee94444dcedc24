"""The measure of the latent space that a run mixes in."""

import keras
import numpy as np

from tf_varmixup import data
from tf_varmixup.evaluation import latent_space_summary
from tf_varmixup.methods import Method, VarMixup
from tf_varmixup.methods.composition import find_part
from tf_varmixup.run.recipe import ResolvedRecipe
from tf_varmixup.training.reference_classifier import reference_classifier


def measure_latent_space(
    method: Method, autoencoder: keras.Model, dataset: data.Dataset, recipe: ResolvedRecipe
) -> dict[str, float]:
    """Measure what lies halfway between test images, in the eyes of a classifier of its own.

    Of streamed images these are the first 256 MiB.

    Args:
        method: The run's method. Where it is no `VarMixup`, and no composition with one, the
            straight line between posterior means is measured.
        autoencoder: A trained `VariationalAutoencoder`.
        dataset: A `tf_varmixup.data.Dataset`.
        recipe: A `ResolvedRecipe`.

    Returns:
        A dict, see `tf_varmixup.evaluation.latent_space_summary`; empty for fewer than 8 test
        images.
    """
    if len(dataset.test) < 8:
        return {}
    mixed = find_part(method, VarMixup) or VarMixup(autoencoder)
    reference = reference_classifier(dataset, recipe)
    images = np.asarray(dataset.test.sample().images)
    return latent_space_summary(mixed, reference, images, recipe.seed)
