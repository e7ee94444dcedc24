"""What an autoencoder and VarMixup's step cost for images of 32, 64, 128 and 224 pixels.

    python benchmarks/image_sizes.py [--sides N ...] [--rounds N] [--json FILE]

At each size, on random images that are in memory: a training step of the default autoencoder, its
encoding and decoding, and a training step of a small classifier, and of ResNet-50 from 128 pixels
on, by ERM and by VarMixup with the parameters of `train.py`. A smaller batch is taken for larger
images. What is compared takes turns within one process, and medians are compared. The
multiplications of a forward pass are counted by TensorFlow's profiler.
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

from benchmarks.main_job import rates
from benchmarks.method_steps import as_train_gives
from models import VariationalAutoencoder, classifier_builder
from tf_varmixup import VicinalClassifier
from tf_varmixup.files import write_json
from tf_varmixup.methods import create
from tf_varmixup.run import dtype_policy, environment, resolve_precision
from tf_varmixup.run.presets import PRESETS

PIXELS = 128 * 32 * 32  # of a batch, as many at every size, but for a batch of 8 at least
CLASSES = 1000
CLASSIFIERS = {"compact": 32, "keras:ResNet50": 128}  # and from what size on
SETTINGS = {"latent": "vae_latent", "likelihood_scale": "likelihood_scale"}


def default_autoencoder(side):
    """Build the autoencoder that `train.py` has, for images of this side."""
    settings = {name: PRESETS["default"][of] for name, of in SETTINGS.items()}
    autoencoder = VariationalAutoencoder((side, side, 3), **settings)
    autoencoder.compile(keras.optimizers.Adam(2e-3))
    return autoencoder


def multiplications(model):
    """Return the multiplications of a forward pass for one image."""
    inputs = [tf.TensorSpec((1, *one.shape[1:]), tf.float32) for one in model.inputs]
    graph = tf.function(lambda *x: model(*x)).get_concrete_function(*inputs).graph
    options = tf.compat.v1.profiler.ProfileOptionBuilder.float_operation()
    options |= {"output": "none"}
    return tf.compat.v1.profiler.profile(graph, options=options).total_float_ops / 2


def steps(model, batch):
    """Return a function that takes a training step, and returns how many images the batch has."""
    batches = iter(tf.data.Dataset.from_tensors(batch).cache().repeat())
    model.make_train_function()

    def work():
        model.train_function(batches)
        return len(batch[0])

    return work


def passes(autoencoder, images):
    """Return a function that encodes and decodes a batch, and returns how many images it has."""
    reconstruct = tf.function(autoencoder.reconstruct)

    def work():
        reconstruct(images).numpy()
        return len(images)

    return work


def classifier_step(name, method, batch):
    """Return a function of training steps of a classifier, and the classifier."""
    model = VicinalClassifier(classifier_builder(name)(batch[0].shape[1:], CLASSES), method)
    optimizer = keras.optimizers.SGD(0.01, momentum=0.9, nesterov=True, weight_decay=5e-4)
    model.compile(optimizer, keras.losses.CategoricalCrossentropy(from_logits=True))
    return steps(model, batch), model.backbone


def measured(side, rounds):
    """Return the rows of one size: what each part costs there."""
    random = np.random.default_rng(0)
    count = max(8, PIXELS // side**2)
    images = random.integers(0, 256, (count, side, side, 3), "uint8")
    batch = images, np.eye(CLASSES, dtype="float32")[random.integers(0, CLASSES, count)]
    autoencoder = default_autoencoder(side)
    latents = " x ".join(map(str, autoencoder.latent_shape))
    of_autoencoder = multiplications(autoencoder.encoder) + multiplications(autoencoder.decoder)
    found = rates(
        {"training": steps(autoencoder, batch[:1]), "passes": passes(autoencoder, images)}, rounds
    )
    row = {"side": side, "batch": count, "latents": latents, "multiplications": of_autoencoder}
    row |= found | {"classifiers": []}
    for name in (name for name, smallest in CLASSIFIERS.items() if side >= smallest):
        erm, network = classifier_step(name, create("erm"), batch)
        method = create("varmixup", autoencoder=autoencoder, **as_train_gives("varmixup"))
        varmixup, _ = classifier_step(name, method, batch)
        of_both = rates({"erm": erm, "varmixup": varmixup}, rounds)
        counted = {"classifier": name, "multiplications": multiplications(network)}
        row["classifiers"].append(
            counted | of_both | {"ratio": of_both["erm"] / of_both["varmixup"]}
        )
        keras.backend.clear_session()
    return row


def main():
    """Measure, print a table, and write it as JSON where a file is named."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sides", type=int, nargs="+", default=[32, 64, 128, 224], metavar="N")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="turns of each")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="file to write")
    options = parser.parse_args()
    tf.get_logger().setLevel("ERROR")
    keras.config.set_dtype_policy(dtype_policy(resolve_precision("auto")))
    load_before, rows = os.getloadavg()[0], []
    for side in options.sides:
        rows.append(measured(side, options.rounds))
        print_row(rows[-1])
    if options.json is not None:
        command = "python benchmarks/image_sizes.py " + " ".join(sys.argv[1:])
        content = {
            "command": command.strip(),
            "environment": environment(keras.config.dtype_policy().name),
            "load_before": load_before,  # processes that wanted a core; 0 where none did
            "rows": rows,
        }
        options.json.parent.mkdir(parents=True, exist_ok=True)
        write_json(options.json, content)


def print_row(row):
    """Print what the parts cost at one size."""
    title = f"{row['side']} x {row['side']}, latents {row['latents']}, batch {row['batch']}"
    table = rich.table.Table("Part", "images/s", "million multiplications", "ratio", title=title)
    millions = f"{row['multiplications'] / 1e6:,.0f}"
    table.add_row("autoencoder, training", f"{row['training']:,.0f}", "", "")
    table.add_row("autoencoder, forward", f"{row['passes']:,.0f}", millions, "")
    for one in row["classifiers"]:
        name, millions = one["classifier"], f"{one['multiplications'] / 1e6:,.0f}"
        table.add_row(f"{name}, erm", f"{one['erm']:,.1f}", millions, "1.00")
        ratio = f"{one['ratio']:.2f}"
        table.add_row(f"{name}, varmixup", f"{one['varmixup']:,.1f}", "", ratio)
    rich.print(table)


if __name__ == "__main__":
    main()
