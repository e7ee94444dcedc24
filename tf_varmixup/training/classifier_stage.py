"""The second stage of a run: the classifier."""

import functools

import keras
import tensorflow as tf

from tf_varmixup import data
from tf_varmixup.classifier import VicinalClassifier
from tf_varmixup.corruptions import SEVERITIES
from tf_varmixup.data import steps_per_epoch
from tf_varmixup.methods.method import Method
from tf_varmixup.muon import Muon, check_normalized
from tf_varmixup.run.folder import RunFolder
from tf_varmixup.run.recipe import ResolvedRecipe
from tf_varmixup.siblings import sibling
from tf_varmixup.training.resumable_fit import resumable_fit
from tf_varmixup.training.schedules import warmup_and_decay
from tf_varmixup.training.tensorboard import classifier_loggers

FILE = "classifier.keras"
MOMENTUM = 0.9
KERNEL_RATE = 0.3  # of Muon, in units of the learning rate: 0.12 for batches of 512
CORRUPTED_IMAGES = 250  # of the validation images, for the learning curves


def make_classifier(
    method: Method, dataset: data.Dataset, recipe: ResolvedRecipe
) -> VicinalClassifier:
    """Make the classifier of a recipe, compiled with its optimizer.

    Args:
        method: What it is trained by.
        dataset: A `tf_varmixup.data.Dataset`.
        recipe: A `ResolvedRecipe`.

    Returns:
        A compiled `VicinalClassifier`, to be made in the scope of a strategy.

    Raises:
        ValueError: If the optimizer is Muon and a convolution has no normalization after it.
    """
    build = sibling("models").classifier_builder(recipe.classifier, recipe.classifier_weights)
    backbone = build(dataset.image_shape, dataset.num_classes)
    if recipe.optimizer == "muon":
        check_normalized(backbone)
    in_step = method if recipe.mix_in == "step" else None
    classifier = VicinalClassifier(backbone, in_step, recipe.seed, name="classifier")
    steps = recipe.epochs * steps_per_epoch(dataset.train, recipe.batch_size)
    rate = warmup_and_decay(recipe.learning_rate * recipe.batch_size / 256, steps)
    # Keras decays weights apart from the gradient: 5e-3 under momentum 0.9 is the literature's
    # 5e-4.
    optimizer = {
        "sgd": keras.optimizers.SGD,
        "muon": functools.partial(Muon, kernel_rate=KERNEL_RATE),
    }[recipe.optimizer](rate, momentum=MOMENTUM, nesterov=True, weight_decay=recipe.weight_decay)
    loss = method.required_loss or keras.losses.CategoricalCrossentropy(from_logits=True)
    classifier.compile(optimizer, loss, metrics=["accuracy"])
    return classifier


def train_classifier(
    method: Method,
    dataset: data.Dataset,
    recipe: ResolvedRecipe,
    run: RunFolder,
    strategy: tf.distribute.Strategy,
) -> VicinalClassifier:
    """Minimize the vicinal risk by stochastic gradient descent with Nesterov's momentum.

    The classifier is saved as `classifier.keras` in the run's folder, its learning curves as
    `history.csv`.

    Args:
        method: What it is trained by.
        dataset: A `tf_varmixup.data.Dataset`.
        recipe: A `ResolvedRecipe`.
        run: The run's folder.
        strategy: What distributes the training.

    Returns:
        A `VicinalClassifier`.

    Raises:
        FloatingPointError: If the training diverges.
    """
    with strategy.scope():
        classifier = make_classifier(method, dataset, recipe)
    own = sibling("callbacks")
    callbacks = [
        own.CalibrationCallback(dataset.validation),
        # The validation corruptions only: the benchmark's own are for the final report.
        own.CorruptionRobustnessCallback(
            dataset.validation,
            corruptions="validation",
            severities=SEVERITIES[::2],
            max_images=CORRUPTED_IMAGES,
            every=max(1, recipe.epochs // 4),
        ),
        *classifier_loggers(method, classifier, dataset, recipe, run),
    ]
    mix = functools.partial(method.map, seed=recipe.seed) if recipe.mix_in == "data" else None
    fitted = classifier, dataset, recipe, run, "classifier", recipe.epochs, callbacks, mix
    resumable_fit(*fitted, curves=run / "history.csv")
    run.save_model(classifier, FILE)
    return classifier
