"""Measure a classifier and write down what was found."""

import argparse
import json
import pathlib
from typing import Any

import keras
import numpy as np
import rich
import rich.progress
import tensorflow as tf

from tf_varmixup import data, evaluation, report
from tf_varmixup import run as runs
from tf_varmixup.commands import outcomes
from tf_varmixup.commands.console import say
from tf_varmixup.commands.evaluate_searches import LINEARITY, of_search, searches
from tf_varmixup.corruptions import CorruptionBenchmark
from tf_varmixup.evaluation import Evaluation, Predictor
from tf_varmixup.metrics import ood_scores, ood_summary
from tf_varmixup.metrics.sections import section_title

Baseline = tuple[list[dict[str, Any]], float | None]


def carry_out(
    options: argparse.Namespace,
    predict: Predictor,
    dataset: data.Dataset,
    benchmark: CorruptionBenchmark | None,
    baseline: Baseline | None,
    others: data.Split | None,
    autoencoder: keras.Model | None,
    is_ours: bool,
    run: runs.RunFolder,
) -> None:
    """Measure, and write metrics.json, corruptions.csv and report.html.

    Args:
        options: As `set_up` completed them.
        predict: The classifier.
        dataset: Its test images are reported on.
        benchmark: They under corruptions, or None.
        baseline: Rows of a baseline's grid and its error on clean images, or None.
        others: Images of another dataset, or None.
        autoencoder: What lines between images go through beside pixels, or None.
        is_ours: Whether the classifier is a run's.
        run: The folder.

    Raises:
        OSError: If a file cannot be written.
        ValueError: If the classifier fails.
    """
    # 1. Clean and corrupted images, before and after calibration.
    with run.stage("evaluation"), rich.progress.Progress() as progress:
        measured = _evaluate(options, predict, dataset, benchmark, run, progress)
        missing = np.isnan(measured.logits).any(axis=1).sum()
        if missing:
            raise ValueError(
                "Expected outputs that are numbers. "
                f"Received: NaN for {missing:,} of {len(measured.logits):,} test images."
            )
        metrics = measured.metrics()
    rows = measured.rows()
    if rows:
        evaluation.write_cells(run / "corruptions.csv", rows)
    if baseline is not None:
        metrics.setdefault("corrupted", {}).update(
            evaluation.corruption_errors(
                rows, baseline[0], 1.0 - metrics["clean"]["accuracy"], baseline[1]
            )
        )
    say("evaluation", _of_evaluation(metrics))
    # 2. Images of another dataset.
    scores = {}
    if others is not None:
        with run.stage("ood"):
            logits = evaluation.predict_logits(predict, others, options.batch_size)
            name = f"ood.{_plain(options.ood)}"
            metrics[name] = ood_summary(measured.logits, logits)
            metrics["intervals"][name] = evaluation.ood_intervals(measured.logits, logits)
            scores[options.ood] = tuple(
                ood_scores(of)["max_probability"] for of in (measured.logits, logits)
            )
        say("ood", f"AUROC {metrics[name]['auroc_max_probability']:.2%} by maximum probability")
    # 3. The worst that can be found around each image, and the ways from one to another.
    departures = {}
    for name, values in searches(
        options, predict, dataset.test, measured.temperature, autoencoder, run
    ):
        metrics[name] = values.summary()
        metrics["intervals"][name] = evaluation.value_intervals(values.values)
        if name.startswith(LINEARITY):
            departures[section_title(name.removeprefix(f"{LINEARITY}."))] = values.values
        say(name, of_search(metrics[name]))
    # 4. What stays.
    metrics["environment"] = runs.environment(keras.config.dtype_policy().name)
    with run.stage("report"):
        _write_report(options, dataset, measured, metrics, rows, scores, departures, is_ours, run)
    say("report", f"{run / 'report.html'}")
    run.finish({**metrics, "timing": run.timing})
    rich.print(report.results_table(metrics))


def _evaluate(
    options: argparse.Namespace,
    predict: Predictor,
    dataset: data.Dataset,
    benchmark: CorruptionBenchmark | None,
    run: runs.RunFolder,
    progress: rich.progress.Progress,
) -> Evaluation:
    has_validation = options.temperature and len(dataset.validation) > 0
    validation = dataset.validation if has_validation else None
    count = len(dataset.test) + (len(dataset.validation) if has_validation else 0)
    clean = progress.add_task("clean", total=count)

    def counted(images: tf.Tensor, indices: tf.Tensor) -> tf.Tensor:
        logits = predict(images, indices)
        if not progress.tasks[0].finished:  # images under corruptions have a bar of their own
            progress.advance(clean, len(images))
        return logits

    cells = 0 if benchmark is None else len(benchmark)
    corrupted = progress.add_task("corruptions", total=cells, visible=cells > 0)
    return evaluation.evaluate(
        counted,
        dataset.test,
        validation,
        benchmark,
        options.batch_size,
        store=run.kept / "grid",
        on_cell=lambda _: progress.advance(corrupted),
    )


def _write_report(
    options: argparse.Namespace,
    dataset: data.Dataset,
    measured: Evaluation,
    metrics: dict[str, Any],
    rows: list[dict[str, Any]],
    scores: dict[str, Any],
    departures: dict[str, Any],
    is_ours: bool,
    run: runs.RunFolder,
) -> None:
    compared = None
    if options.baseline is not None:
        compared = _baseline(options.baseline)
    plots = report.run_plots(
        dataset,
        None,
        None,
        measured.logits,
        measured.temperature,
        rows,
        {},
        baseline=compared,
        corrupted=report.corrupted_reliability(measured.cells, measured.temperature),
        scores=scores or None,
        departures=departures or None,
        name=run.path.resolve().name,
    )
    notes = outcomes.notes(metrics["corruptions"])[:1] if "corruptions" in metrics else []
    if compared is not None and "corruptions" in metrics:
        theirs = (compared.metrics.get("corruptions") or {}).get("pictures")
        if theirs not in (None, metrics["corruptions"]["pictures"]):
            notes.append(
                f"Each cell of {compared.name} was measured on {theirs:,} images, so that part of "
                "the differences under corruptions is chance."
            )
    if measured.temperature is not None and not is_ours:
        notes.append(
            "Temperature and vector scaling were fitted on images held out of the training images "
            "of the dataset. A model that was trained on these as well is better calibrated on "
            "them than on others."
        )
    report.write_report(
        run.path, run.path.resolve().name, run.config, metrics, rows, plots, notes, compared
    )


def _baseline(path: pathlib.Path) -> report.Baseline:
    metrics: dict[str, Any] = {}
    if (path / "metrics.json").is_file():
        metrics = json.loads((path / "metrics.json").read_text(encoding="utf-8"))
    return report.Baseline(path.resolve().name, metrics, evaluation.read_rows(path))


def _plain(name: str) -> str:
    """Return a dataset's name fit for a section: of a folder its last part, without full stops."""
    return pathlib.Path(name).name.replace(".", "_").replace(":", "_")


def _of_evaluation(metrics: dict[str, Any]) -> str:
    """Say how the classifier does on test images."""
    parts = [f"accuracy {metrics['clean']['accuracy']:.2%} clean"]
    corrupted = metrics.get("corrupted", {})
    if "accuracy" in corrupted:
        parts[0] += f", {corrupted['accuracy']:.2%} corrupted"
    if "mce" in corrupted:
        parts.append(f"mCE {corrupted['mce']:.2%}")
    parts.append(f"ECE {metrics['clean']['ece']:.2%}")
    if "temperature" in metrics:
        parts.append(f"temperature {metrics['temperature']:.3f}")
    return "; ".join(parts)
