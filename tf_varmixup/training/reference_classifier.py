"""A small classifier that judges images, trained apart from all that it judges."""

import dataclasses

import keras

from tf_varmixup import data
from tf_varmixup.classifier import VicinalClassifier
from tf_varmixup.run.recipe import ResolvedRecipe
from tf_varmixup.siblings import sibling
from tf_varmixup.training.batches import for_autoencoder, training_batches
from tf_varmixup.training.schedules import warmup_and_decay

STEPS = 500
EPOCHS = 10  # at most, where the dataset is small
WIDTH = 16
SEED = 1_000_003  # never the run's own, so that runs of all seeds have the same judge
LEARNING_RATE = 0.1
WEIGHT_DECAY = 5e-3


def reference_classifier(dataset: data.Dataset, recipe: ResolvedRecipe) -> keras.Model:
    """Train a small network for 500 steps, or ten epochs if these are fewer.

    It depends on the dataset and on how its images are served, and not on the run's seed or
    method.

    Args:
        dataset: A `tf_varmixup.data.Dataset`.
        recipe: A `ResolvedRecipe`, for the batches.

    Returns:
        A Keras model from images in 0..255 to a pair of features `(B, D)`, the last pooled ones,
        and logits `(B, K)`.
    """
    network = sibling("models").compact(dataset.image_shape, dataset.num_classes, width=WIDTH)
    for number, layer in enumerate(network.layers):
        if hasattr(
            layer, "kernel"
        ):  # from seeds of their own, and not from Keras' global generator
            initial = keras.initializers.HeNormal(seed=SEED + number)
            layer.kernel.assign(initial(layer.kernel.shape))
    classifier = VicinalClassifier(network, seed=SEED)
    recipe = for_autoencoder(recipe)
    steps = min(STEPS, EPOCHS * data.steps_per_epoch(dataset.train, recipe.batch_size))
    optimizer = keras.optimizers.SGD(
        warmup_and_decay(LEARNING_RATE, steps),
        momentum=0.9,
        nesterov=True,
        weight_decay=WEIGHT_DECAY,
    )
    classifier.compile(optimizer, keras.losses.CategoricalCrossentropy(from_logits=True))
    batches = training_batches(dataset, dataclasses.replace(recipe, seed=SEED))
    classifier.fit(batches, epochs=1, steps_per_epoch=steps, shuffle=False, verbose=0)
    return keras.Model(network.input, [network.get_layer("pool").output, network.output])
