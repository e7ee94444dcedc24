"""What an adversary leaves of a classifier that was trained by `erm` and by `adversarial`.

    python benchmarks/adversarial_training.py [--data_dir DIR] [--classes K] [--images N]
    [--width W] [--epochs N] [--learning_rate R] [--methods NAME ...]
    [--json FILE]

A small network is trained on images of some classes of CIFAR-10, for as many epochs by each method;
printed are its accuracy on test images, and that on the same images attacked by PGD with 10 steps
of 2/255 within 8/255 of each value, from a random start. An image counts as right only if every
step's image is.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import argparse
import pathlib
import sys

import keras
import numpy as np
import rich
import rich.table
import tensorflow as tf

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from models import compact
from tf_varmixup import VicinalClassifier, data, draws
from tf_varmixup.attacks import pgd_iterates, random_start
from tf_varmixup.files import write_json
from tf_varmixup.methods import create
from tf_varmixup.run import environment
from tf_varmixup.training import warmup_and_decay

BATCH_SIZE = 128
TEST_IMAGES = 1000


def main():
    """Train, attack, print a table, and write it as JSON where a file is named."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data_dir", help="TFDS' data folder")
    parser.add_argument("--classes", type=int, default=5, metavar="K", help="default: 5")
    parser.add_argument("--images", type=int, default=5000, metavar="N", help="default: 5,000")
    parser.add_argument("--width", type=int, default=16, metavar="W", help="default: 16")
    parser.add_argument("--epochs", type=int, default=10, metavar="N", help="default: 10")
    parser.add_argument("--learning_rate", type=float, default=0.2, metavar="R")
    parser.add_argument("--methods", nargs="+", default=["erm", "adversarial"], metavar="NAME")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="file to write")
    options = parser.parse_args()
    dataset = data.load_data("cifar10", options.data_dir)
    train = some_of(dataset.train, options.classes, options.images)
    test = some_of(dataset.test, options.classes, TEST_IMAGES)
    rows = []
    for name in options.methods:
        classifier = trained(name, train, options)
        clean, attacked = accuracies(classifier, *test)
        row = {"method": repr(create(name)), "accuracy": clean, "accuracy_under_pgd": attacked}
        rows.append(row)
        rich.print(row)
    table = rich.table.Table("method", "accuracy", "under PGD-10")
    for row in rows:
        values = f"{row['accuracy']:.3f}", f"{row['accuracy_under_pgd']:.3f}"
        table.add_row(row["method"], *values)
    rich.print(table)
    if options.json:
        names = ("classes", "images", "width", "epochs", "learning_rate")
        settings = {name: getattr(options, name) for name in names}
        facts = {"settings": settings, "test_images": len(test[0]), "rows": rows}
        write_json(options.json, {**facts, "environment": environment("float32")})


def some_of(split, classes, count):
    """Return the first images of the first classes, and one-hot labels."""
    rows = np.flatnonzero(np.asarray(split.labels) < classes)[:count]
    labels = np.asarray(split.labels)[rows]
    return np.asarray(split.images)[rows], np.eye(classes, dtype="float32")[labels]


def trained(name, train, options):
    """Train a network by a method."""
    keras.utils.set_random_seed(0)
    images, labels = train
    network = compact(images.shape[1:], options.classes, options.width)
    classifier = VicinalClassifier(network, create(name), seed=0)
    steps = options.epochs * (len(images) // BATCH_SIZE)
    rate = warmup_and_decay(options.learning_rate, steps)
    optimizer = keras.optimizers.SGD(rate, 0.9, nesterov=True, weight_decay=5e-3)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    classifier.compile(optimizer, loss, metrics=["accuracy"])
    batches = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(len(images), seed=0)
    batches = batches.batch(BATCH_SIZE, drop_remainder=True).map(flipped)
    classifier.fit(batches, epochs=options.epochs, verbose=2)
    return classifier


def flipped(images, labels):
    """Mirror every other image of a shuffled batch."""
    mirrored = tf.reverse(images, [2])
    odd = tf.range(tf.shape(images)[0]) % 2 == 1
    return tf.where(odd[:, None, None, None], mirrored, images), labels


def accuracies(classifier, images, labels):
    """Return the shares of images that are right as they are, and at every step of an attack."""

    @tf.function
    def classify(given):
        return classifier(given, training=False)

    clean, attacked = [], []
    for first in range(0, len(images), 250):
        some, theirs = images[first : first + 250], labels[first : first + 250]
        truth = theirs.argmax(1)
        seed = draws.fold(draws.run_seed(0), first)
        start = random_start(some, "linf", 8 / 255, seed)
        iterates = pgd_iterates(classify, some, theirs, steps=10, start=start)
        right = [np.argmax(classify(one), 1) == truth for one in iterates]
        clean.append(np.argmax(classify(tf.cast(some, tf.float32)), 1) == truth)
        attacked.append(np.all([clean[-1], *right], 0))
    return float(np.concatenate(clean).mean()), float(np.concatenate(attacked).mean())


if __name__ == "__main__":
    main()
