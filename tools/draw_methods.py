"""Draw what a classifier sees by each method, for docs/methods.md.

    python tools/draw_methods.py --vae FILE_OR_RUN --classifier FILE [--data_dir DIR]
    [--methods NAME ...]

Writes `docs/images/methods/NAME.png`: eight images of one batch of CIFAR-10's validation images, as
`train.py` has them drawn where no flag is given. Methods that attack the classifier attack the one
that is named.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import argparse
import pathlib
import sys

import numpy as np
import tensorflow as tf

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tf_varmixup import data, draws  # noqa: E402
from tf_varmixup.loading import load_model  # noqa: E402
from tf_varmixup.methods import Batch, create, method_signature, method_signatures  # noqa: E402
from tf_varmixup.report.image_grid import as_rgb, image_grid  # noqa: E402
from tf_varmixup.run.presets import with_recommended  # noqa: E402
from tf_varmixup.training import load_autoencoder  # noqa: E402

SHOWN, BATCH = 8, 64
COMPOSED = ("varmixup+augmix",)
# About what train.py fits to the default autoencoder; and a batch that is mixed, as only half of
# CutMix's are.
GIVEN = {"blur": {"sigma": 1.3}, "cutmix": {"probability": 1.0}}


def main() -> None:
    """Draw each method's images."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--vae", type=pathlib.Path, required=True, metavar="FILE_OR_RUN")
    parser.add_argument("--classifier", type=pathlib.Path, required=True, metavar="FILE")
    parser.add_argument("--data_dir", help="TFDS' data folder")
    known = [*method_signatures(), *COMPOSED]
    parser.add_argument("--methods", nargs="+", default=known, metavar="NAME", help="default: all")
    options = parser.parse_args()
    dataset = data.load_data("cifar10", options.data_dir)
    autoencoder = load_autoencoder(options.vae, dataset.image_shape)
    classifier = load_model(options.classifier)
    images, numbers = (
        part[:BATCH] for part in (dataset.validation.images, dataset.validation.labels)
    )
    batch = Batch(images, np.eye(dataset.num_classes, dtype="float32")[numbers])
    folder = ROOT / "docs" / "images" / "methods"
    folder.mkdir(parents=True, exist_ok=True)
    for name in options.methods:
        signature = method_signature(name)
        defaults = {one.name: one.default for one in signature.parameters}
        parameters = with_recommended(name, defaults, GIVEN.get(name, {}))
        if signature.needs_autoencoder:
            parameters["autoencoder"] = autoencoder
        drawn = create(name, **parameters).draw(classifier, batch, draws.run_seed(0)).inputs
        if not tf.is_tensor(drawn) or name == "label_smoothing":
            print(f"{name}: no images of its own")
            continue
        # The last rows: clean ones, where there are any, come first.
        row = as_rgb(np.asarray(drawn[-SHOWN:]), 4, name)
        figure, _ = image_grid([row], left=0, right=0, top=0, bottom=0)
        figure.savefig(folder / f"{name}.png")


if __name__ == "__main__":
    main()
