"""Time and memory of the streaming metrics over a million predictions, beside torchmetrics.

    pip install torchmetrics                               it brings PyTorch along
    python benchmarks/metrics.py
    python benchmarks/metrics.py --torch_python FILE       a Python that has torchmetrics

    [--images N] [--batch N] [--rounds N] [--json FILE]

Logits of 10 classes go through each metric in batches, and the result is read once. Ours are run in
two ways: in a graph that goes through the batches, under XLA, which is where `Model.evaluate` has
them; and by a call of such a graph from Python for each batch, of which TensorFlow itself takes a
quarter of a millisecond. torchmetrics' run as they are, by a call for each batch. Each metric has a
process of its own, and the medians of the rounds are compared. Memory is what the first round takes
at most beside what the process had when all predictions were there; of ours, the compiler's is in
it. Without torchmetrics ours are measured alone. It needs Linux.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import time

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
CLASSES = 10
LIMIT = 200  # megabytes
LIBRARIES = ("ours", "ours, called", "torchmetrics")
# The metrics that torchmetrics has too, by their norm.
NORMS = {"ece": "l1", "ece_l2": "l2", "ece_max": "max"}
OTHERS = (
    "overconfidence_error",
    "underconfidence_error",
    "signed_gap",
    "classwise_ece",
    "brier",
    "brier_reliability",
    "brier_refinement",
    "nll",
)


def of_ours(name, logits, labels, batch, in_graph):
    """Return the functions that add all batches to a metric of ours, read it, and reset it."""
    sys.path.insert(0, str(ROOT))
    import tensorflow as tf

    from tf_varmixup import metrics

    kinds = {
        **{
            name: lambda norm=norm: metrics.ExpectedCalibrationError(norm=norm)
            for name, norm in NORMS.items()
        },
        "overconfidence_error": metrics.OverconfidenceError,
        "underconfidence_error": metrics.UnderconfidenceError,
        "signed_gap": metrics.SignedCalibrationGap,
        "classwise_ece": lambda: metrics.ClasswiseCalibrationError(CLASSES),
        "brier": metrics.BrierScore,
        "brier_reliability": lambda: metrics.BrierReliability(CLASSES),
        "brier_refinement": lambda: metrics.BrierRefinement(CLASSES),
        "nll": metrics.NegativeLogLikelihood,
    }
    metric = kinds[name]()
    update = tf.function(metric.update_state, jit_compile=True)
    starts = range(0, len(logits), batch)
    if in_graph:
        logits, labels = tf.constant(logits), tf.constant(labels)

        @tf.function
        def add():
            for start in tf.range(0, len(starts) * batch, batch):
                some = tf.ensure_shape(labels[start : start + batch], (batch,))
                update(some, tf.ensure_shape(logits[start : start + batch], (batch, CLASSES)))

    else:
        batches = [
            (tf.constant(labels[start : start + batch]), tf.constant(logits[start : start + batch]))
            for start in starts
        ]

        def add():
            for one in batches:
                update(*one)

    return add, lambda: float(metric.result()), metric.reset_state


def of_torchmetrics(name, logits, labels, batch):
    """Return the functions that add all batches to a metric of torchmetrics, read it, reset it."""
    import torch
    from torchmetrics.classification import MulticlassCalibrationError

    metric = MulticlassCalibrationError(CLASSES, n_bins=15, norm=NORMS[name])
    batches = [
        (torch.from_numpy(logits[start : start + batch]), torch.from_numpy(labels[start:][:batch]))
        for start in range(0, len(logits), batch)
    ]

    def add():
        for one in batches:
            metric.update(*one)

    return add, lambda: float(metric.compute()), metric.reset


def predictions(count):
    """Return logits `(count, 10)`, rather overconfident, and labels `(count,)`."""
    generator = np.random.default_rng(0)
    logits = generator.standard_normal((count, CLASSES), np.float32)
    logits *= 3.0
    labels = logits.argmax(1)
    wrong = generator.random(count, np.float32) < 0.4
    labels[wrong] = generator.integers(CLASSES, size=np.count_nonzero(wrong))
    return logits, labels


def memory(key):
    """Return a number of `/proc/self/status` in megabytes."""
    lines = pathlib.Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith(key)).split()[1]) / 1024


def measured(library, name, options):
    """Run a metric over all predictions, once to warm up and then for each round."""
    given = (name, *predictions(options.images), options.batch)
    if library == "torchmetrics":
        add, read, reset = of_torchmetrics(*given)
    else:
        add, read, reset = of_ours(*given, in_graph=library == "ours")
    pathlib.Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = memory("VmRSS")
    add()
    read()
    growth = memory("VmHWM") - before
    seconds = []
    for _ in range(options.rounds):
        reset()
        start = time.perf_counter()
        add()
        value = read()
        seconds.append(time.perf_counter() - start)
    return {
        "seconds": statistics.median(seconds),
        "megabytes": growth,
        "value": value,
    }


def in_a_process(python, library, name, options):
    """Run `measured` in a process of its own."""
    numbers = [f"--{key}={getattr(options, key)}" for key in ("images", "batch", "rounds")]
    command = [python, __file__, *numbers, f"--only={library}", f"--metric={name}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip() or "no message").splitlines()[-1]
        raise SystemExit(f"Expected {name} of {library} to run. Received: {last}")
    return json.loads(done.stdout.splitlines()[-1])


def table_of(rows):
    """Return the table that is printed."""
    import rich.table

    table = rich.table.Table(
        "Metric",
        "ours, s",
        "a call per batch, s",
        "ours, MB",
        "torchmetrics, s",
        "torchmetrics, MB",
        "ratio of time",
    )
    for row in rows:
        ours, other = row["ours"], row["torchmetrics"]
        called = row["ours, called"]
        cells = [f"{ours['seconds']:.3f}", f"{called['seconds']:.3f}" if called else ""]
        cells += [f"{ours['megabytes']:.0f}"]
        if other:
            cells += [f"{other['seconds']:.3f}", f"{other['megabytes']:.0f}"]
            cells += [f"{other['seconds'] / ours['seconds']:.2f}"]
        table.add_row(row["metric"], *cells)
    return table


def main():
    """Measure both libraries, print a table, and write it as JSON where a file is named."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--images", type=int, default=1_000_000, metavar="N", help="1,000,000")
    parser.add_argument("--batch", type=int, default=1000, metavar="N", help="default: 1000")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="default: 5")
    parser.add_argument("--torch_python", default=sys.executable, metavar="FILE")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="file to write")
    parser.add_argument("--only", choices=LIBRARIES, help=argparse.SUPPRESS)
    parser.add_argument("--metric", choices=(*NORMS, *OTHERS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.images % options.batch:
        parser.error(
            f"Expected a number of images that is a multiple of the batch, {options.batch}. "
            f"Received: {options.images}."
        )
    if options.only:
        print(json.dumps(measured(options.only, options.metric, options)))
        return
    import rich

    probe = [options.torch_python, "-c", "import torchmetrics"]
    there = subprocess.run(probe, capture_output=True, check=False).returncode == 0
    if not there:
        print(
            "Expected torchmetrics to compare with, see pip install torchmetrics. "
            f"Received: a Python without it, {options.torch_python}."
        )
    rows = []
    for name in (*NORMS, *OTHERS):
        row = {"metric": name} | dict.fromkeys(LIBRARIES)
        row["ours"] = in_a_process(sys.executable, "ours", name, options)
        if name in NORMS:
            row["ours, called"] = in_a_process(sys.executable, "ours, called", name, options)
            if there:
                python = options.torch_python
                row["torchmetrics"] = in_a_process(python, "torchmetrics", name, options)
        rows.append(row)
    rich.print(table_of(rows))
    largest = max(row["ours"]["megabytes"] for row in rows)
    print(f"most memory of ours: {largest:.0f} MB of {LIMIT} MB allowed")
    compared = [row for row in rows if row["torchmetrics"]]
    for row in compared:
        ours, other = row["ours"], row["torchmetrics"]
        ratio = other["seconds"] / ours["seconds"]
        apart = abs(ours["value"] - other["value"])
        print(f"{row['metric']}: {ratio:.2f} times as fast as torchmetrics, {apart:.1e} apart")
    if options.json is not None:
        sys.path.insert(0, str(ROOT))
        from tf_varmixup.run import environment

        command = "python benchmarks/metrics.py " + " ".join(sys.argv[1:])
        content = {"command": command.strip(), "environment": environment("float32"), "rows": rows}
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
