"""Compare a classifier's accuracy on images corrupted by the authors' code and by ours.

    python benchmarks/corruption_agreement.py --run DIR --examples FILE

`--examples` is an archive with `clean (n, 32, 32, 3)`, `label (n,)` and each corruption as `(5, n,
32, 32, 3)`. Ours is averaged over seeds; the authors' draws are the archive's, so that a cell's
difference is uncertain by a standard error of n images. Printed are, for each corruption, both
accuracies over its severities and the share of images that the classifier puts into the same
class (of the deterministic ones nearly all should be), and for the whole the mean difference with
its standard error.
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

import models  # noqa: F401  its layers are in the file
import tf_varmixup  # noqa: F401
from tf_varmixup.corruptions import CORRUPTIONS, SEVERITIES, corrupt


def main() -> None:
    """Read the command line, run the classifier, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--run", type=pathlib.Path, required=True, metavar="DIR", help="a run's folder"
    )
    parser.add_argument(
        "--examples",
        type=pathlib.Path,
        required=True,
        metavar="FILE",
        help="images made by the authors' code",
    )
    parser.add_argument(
        "--seeds",
        type=int,
        default=8,
        metavar="N",
        help="how many of our own corruptions to average (default: 8)",
    )
    options = parser.parse_args()
    classifier = keras.saving.load_model(options.run / "classifier.keras", compile=False)
    predict = tf.function(lambda images: tf.argmax(classifier(images, training=False), axis=1))
    table = rich.table.Table(
        "Corruption",
        "authors', %",
        "ours, %",
        "difference",
        "same class, %",
        title="Accuracy over five severities",
    )
    differences = []
    with np.load(options.examples) as examples:
        clean, labels = examples["clean"], examples["label"]
        for corruption in CORRUPTIONS:
            theirs = np.array([predict(images).numpy() for images in examples[corruption]])
            ours = np.array(
                [
                    [predict(corrupt(clean, corruption, s, seed)).numpy() for s in SEVERITIES]
                    for seed in range(options.seeds)
                ]
            )
            # An image's chance to be right by our draws, against whether it was by theirs.
            differences.append((ours == labels).mean(axis=0) - (theirs == labels))
            accuracies = 100 * np.array([(theirs == labels).mean(), (ours == labels).mean()])
            shown = [*accuracies, 100 * differences[-1].mean(), 100 * (ours == theirs).mean()]
            table.add_row(corruption, *(f"{value:.1f}" for value in shown))
    rich.print(table)
    by_image = np.mean(differences, axis=(0, 1))  # the cells of one image are not independent
    error = by_image.std(ddof=1) / np.sqrt(len(by_image))
    cells = np.abs(np.mean(differences, axis=2))
    print(
        f"mean difference {100 * by_image.mean():+.2f} points, standard error {100 * error:.2f}; "
        f"mean absolute difference of a cell {100 * cells.mean():.2f} points "
        f"over {len(labels)} images"
    )


if __name__ == "__main__":
    main()
