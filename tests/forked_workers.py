"""Run train.py in processes that are forked off one which has imported TensorFlow already.

It reads a JSON object per line: `{"start": {"arguments": [...], "environment": {...}, "devices": n,
"output": path, "weights": path, "ends_trained": bool}}` is answered by the number of a process,
`{"wait": number}` by its exit status, once it has ended. Networks are small, and corruptions take
no time; what ends trained has no rehearsal, and does not go on to what follows the training.
"""

import functools
import gc
import importlib
import json
import os
import sys
import traceback

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
import tensorflow_datasets  # noqa: F401
from tensorflow.python.eager import context

import callbacks  # noqa: F401
import models
from tf_varmixup import evaluation, export, report, training  # noqa: F401
from tf_varmixup.commands import train
from tf_varmixup.corruptions import cell
from tf_varmixup.run import wait_for_all
from tf_varmixup.training import benchmark


def darken(images, corruption, severity, seed, indices):
    return images // tf.constant(1 + severity + len(corruption) % 3, tf.uint8)


def dense(image_shape, num_classes):
    """Without batch normalization, of which each replica has its own."""
    return keras.Sequential(
        [
            keras.Input(image_shape),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Flatten(),
            keras.layers.Dense(num_classes, dtype="float32"),
        ]
    )


def make_small():
    full = benchmark.CorruptionBenchmark
    few = ["fog", "contrast", "saturate"]
    benchmark.CorruptionBenchmark = lambda test, _, **settings: full(test, few, **settings)
    small = functools.partial(models.VariationalAutoencoder, width=8, blocks=1, latent_size=2)
    models.VariationalAutoencoder = small
    models.NETWORKS["airbench"] = dense
    cell.corrupt = darken
    importlib.import_module("tf_varmixup.training.reference_classifier").STEPS = 2
    training.measure_latent_space = lambda *_: {}
    report.run_plots = lambda *_, **__: {}


def keep_weights(path, ends_trained):
    """Write the weights of the classifier, as this process has them, once it is trained."""
    original = training.train_classifier

    def train_classifier(method, dataset, recipe, run, strategy):
        classifier = original(method, dataset, recipe, run, strategy)
        arrays = [np.asarray(one.value) for one in classifier.weights]
        np.savez(path, **{f"{number:03}": array for number, array in enumerate(arrays)})
        if ends_trained:
            wait_for_all(strategy, train.cluster_of(recipe))
            sys.exit(0)
        return classifier

    training.train_classifier = train_classifier


def begin(job):
    """Become a process of its own that trains."""
    output = os.open(job["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.update(job["environment"])
    status = 1
    try:
        make_small()
        keep_weights(job["weights"], job["ends_trained"])
        if job["ends_trained"]:
            training.rehearse = lambda *_: None
        processors = tf.config.list_physical_devices("CPU")
        if job["devices"] > 1:
            configurations = [tf.config.LogicalDeviceConfiguration()] * job["devices"]
            tf.config.set_logical_device_configuration(processors[0], configurations)
        train.main(job["arguments"], program="train.py")
        status = 0
    except SystemExit as end:
        status = end.code
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def main():
    assert not context.context()._initialized, "TensorFlow cannot be forked once it has begun"
    # What the imports left is not looked at again in each process.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    print("ready", flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        if "start" in command:
            number = os.fork()
            if not number:
                begin(command["start"])
            print(number, flush=True)
        else:
            print(os.waitstatus_to_exitcode(os.waitpid(command["wait"], 0)[1]), flush=True)


if __name__ == "__main__":
    main()
