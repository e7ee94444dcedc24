"""Time a training step in Keras beside the same network's in PyTorch on the same machine.

    pip install torch==2.13.0
    python benchmarks/training_step.py                     airbench, resnet18, wrn-16-4 and compact
    python benchmarks/training_step.py --networks airbench --rounds 9

The same layers, batch of 256 and optimizer (SGD with Nesterov's momentum and weight decay), both in
bfloat16 where the processor has it. Of PyTorch, eager and `torch.compile` are measured, with the
channels last. Each has a process of its own; they take turns, and the medians of the rounds are
compared. Ours has the accuracy to keep as well, and the draw of the step's seed.
"""

import argparse
import importlib.util
import multiprocessing
import os
import pathlib
import statistics
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BATCH = 256
KINDS = ("keras", "pytorch eager", "pytorch compiled")


def work(kind, name, seconds, pipe):
    """Build one network, and take steps for some seconds each time a message comes.

    The answer is images per second.
    """
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
    sys.path.insert(0, str(ROOT))
    import numpy as np

    generator = np.random.default_rng(0)
    images, labels = (
        generator.integers(0, 256, (BATCH, 32, 32, 3), np.uint8),
        generator.integers(0, 10, BATCH),
    )
    try:
        if kind == "keras":
            step = keras_trainer(name, images, labels)
        else:
            from benchmarks.pytorch_networks import trainer

            step = trainer(name, images, labels, kind == "pytorch compiled")
        for _ in range(4):
            step()
    except Exception as error:  # such as a missing compiler: the others are measured all the same
        pipe.send(f"{type(error).__name__}: {str(error).strip().splitlines()[0]}")
        return
    pipe.send(None)
    while pipe.recv():
        steps, start = 0, time.perf_counter()
        while time.perf_counter() - start < seconds:
            step()
            steps += 1
        pipe.send(steps * BATCH / (time.perf_counter() - start))


def keras_trainer(name, images, labels):
    """Return a function that takes one training step of a `VicinalClassifier`."""
    import keras
    import tensorflow as tf

    from models import classifier_builder
    from tf_varmixup import VicinalClassifier
    from tf_varmixup.run import dtype_policy

    keras.config.set_dtype_policy(dtype_policy("auto"))
    model = VicinalClassifier(classifier_builder(name)((32, 32, 3), 10))
    optimizer = keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True, weight_decay=5e-3)
    model.compile(
        optimizer, keras.losses.CategoricalCrossentropy(from_logits=True), metrics=["accuracy"]
    )
    batches = iter(tf.data.Dataset.from_tensors((images, tf.one_hot(labels, 10))).cache().repeat())
    model.make_train_function()
    return lambda: model.train_function(batches)


def measure(name, rounds, seconds):
    """Return the rounds' images per second of each kind that runs here, by kind."""
    context, workers = multiprocessing.get_context("spawn"), {}
    for kind in KINDS:
        ours, theirs = context.Pipe()
        context.Process(target=work, args=(kind, name, seconds, theirs), daemon=True).start()
        failure = ours.recv()
        if failure is None:
            workers[kind] = ours
        else:
            print(f"{name}, {kind}: {failure}", file=sys.stderr)
    rates = {kind: [] for kind in workers}
    for _ in range(rounds):
        for kind, pipe in workers.items():
            pipe.send(True)
            rates[kind].append(pipe.recv())
    for pipe in workers.values():
        pipe.send(False)
    return rates


def main():
    """Measure, print a table, and write it as JSON where a file is named."""
    import rich
    import rich.table

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--networks",
        nargs="+",
        default=["airbench", "resnet18", "wrn-16-4", "compact"],
        metavar="NAME",
    )
    parser.add_argument(
        "--rounds", type=int, default=7, metavar="N", help="turns of each (default: 7)"
    )
    parser.add_argument(
        "--seconds", type=float, default=3.0, metavar="S", help="length of a turn (default: 3)"
    )
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="file to write")
    options = parser.parse_args()
    if importlib.util.find_spec("torch") is None:
        parser.error("PyTorch is not installed: pip install torch")
    table = rich.table.Table(
        "Network", *KINDS, "ratio", title=f"Training, images per second, batch {BATCH}"
    )
    rows = []
    for name in options.networks:
        rates = {
            kind: statistics.median(values)
            for kind, values in measure(name, options.rounds, options.seconds).items()
        }
        ratio = rates["keras"] / max(rate for kind, rate in rates.items() if kind != "keras")
        rows.append({"network": name, **rates, "ratio": ratio})
        table.add_row(
            name,
            *(f"{rates[kind]:,.0f}" if kind in rates else "-" for kind in KINDS),
            f"{ratio:.2f}",
        )
    rich.print(table)
    if options.json is not None:
        import torch

        sys.path.insert(0, str(ROOT))
        from tf_varmixup.files import write_json
        from tf_varmixup.run import dtype_policy, environment

        content = {
            "command": "python benchmarks/training_step.py " + " ".join(sys.argv[1:]),
            "pytorch": torch.__version__,
            "environment": environment(dtype_policy("auto")),
            "rows": rows,
        }
        options.json.parent.mkdir(parents=True, exist_ok=True)
        write_json(options.json, content)


if __name__ == "__main__":
    main()
