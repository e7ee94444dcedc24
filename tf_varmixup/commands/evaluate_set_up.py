"""Everything that can be wrong with an evaluation, before anything long starts."""

import argparse
import itertools
import json
import os
import pathlib
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tf_varmixup import data
from tf_varmixup import run as runs
from tf_varmixup.commands import outcomes
from tf_varmixup.commands.console import say
from tf_varmixup.commands.evaluate_config import evaluation_config
from tf_varmixup.commands.evaluate_images import (
    check_baseline,
    check_baseline_images,
    check_trained_on,
    is_same_dataset,
)
from tf_varmixup.commands.evaluate_model import (
    check_first_batch,
    check_gradient,
    decided_form,
    of_form,
)
from tf_varmixup.commands.told import check_classes
from tf_varmixup.corruptions import SEVERITIES, CorruptionBenchmark
from tf_varmixup.evaluation import (
    MixupInference,
    Predictor,
    corruption_errors,
    read_clean_error,
    read_rows,
)
from tf_varmixup.evaluation.detection import ModelForm
from tf_varmixup.evaluation.loaded_classifier import (
    FUNCTION,
    RUN,
    LoadedClassifier,
    load_classifier,
)
from tf_varmixup.keras_settings import check_keras_settings
from tf_varmixup.streaming import StreamedImages
from tf_varmixup.training.autoencoder_stage import autoencoder_file, load_autoencoder

FIRST = 64  # images of the first batch
_USUAL_BATCH, _USUAL_SIDE = 500, 64


def set_up(options: argparse.Namespace) -> dict[str, Any]:
    """Load the model and the data, find out what the model takes, and make the folder.

    Args:
        options: As `parse_evaluation` returns them; what a run decides is filled in.

    Returns:
        A dict of the arguments of `carry_out`.

    Raises:
        ValueError: If anything does not fit.
        OSError: If something is missing, or the folder cannot be written.
    """
    tf.get_logger().setLevel("ERROR")  # two models in one process look like needless retracing
    check_keras_settings()
    runs.RunFolder.check(options.output, resume=True)
    baseline = None
    if options.baseline is not None:
        baseline = read_rows(options.baseline), read_clean_error(options.baseline)
        cells = itertools.product(options.corruptions, SEVERITIES)
        wanted = [{"corruption": name, "severity": at, "error": 0.0} for name, at in cells]
        corruption_errors(wanted, baseline[0])  # which says what the baseline lacks
    loaded = load_classifier(options.model)
    _take_from_run(options, loaded)
    dataset = _load_data(options, loaded)
    check_classes(pathlib.Path(options.model), dataset.class_names, options.dataset)
    check_baseline(options)
    say("data", outcomes.of_data(dataset))
    height, width, _ = dataset.image_shape
    if options.batch_size is None:
        # A run is measured as it was after its training, in the batches of then.
        shrink = 1.0 if loaded.kind == RUN else max(1.0, height * width / _USUAL_SIDE**2)
        options.batch_size = max(8, int(_USUAL_BATCH / shrink))
    first = dataset.test.take(FIRST)
    form = loaded.stated_form(options.from_logits, options.value_range, first.images)
    is_promised = loaded.kind != FUNCTION or options.from_logits is not None
    form = decided_form(loaded, form, first)
    predict = loaded.predictor(form)
    logits = check_first_batch(predict, form, first, dataset, is_promised)
    say("model", of_form(options.model, loaded, form))
    predict = _with_mixup_inference(options, loaded, form, predict, dataset)
    if options.attack is not None or options.local_linearity:
        check_gradient(predict, first.images[:1])
    benchmark = None
    if options.corruptions:
        benchmark = CorruptionBenchmark(
            dataset.test,
            options.corruptions,
            max_images=options.corruption_images,
            seed=options.seed,
            published=options.corruption_dir,
        )
    if options.interpolation and len(dataset.test) < 2:
        raise ValueError(
            f"Expected two test images for --interpolation. Received: {len(dataset.test)}."
        )
    autoencoder = None
    if options.vae is not None:
        autoencoder = load_autoencoder(options.vae, dataset.image_shape)
    others = None if options.ood is None else _load_others(options, dataset)
    config = evaluation_config(options, loaded, form, dataset, benchmark, logits, others)
    if options.baseline is not None:
        check_baseline_images(options.baseline, config, benchmark)
    if loaded.kind == RUN:
        check_trained_on(options, config["data_digest"])
    return {
        "predict": predict,
        "dataset": dataset,
        "benchmark": benchmark,
        "baseline": baseline,
        "others": others,
        "autoencoder": autoencoder,
        "is_ours": loaded.kind == RUN,
        "run": runs.RunFolder(options.output, config, resume=True),
    }


def _take_from_run(options: argparse.Namespace, loaded: LoadedClassifier) -> None:
    """Fill in what was not given: a run's own settings, or what they are elsewhere."""
    config: dict[str, Any] = {}
    path = pathlib.Path(options.model, "config.json")
    if loaded.kind == RUN and path.is_file():
        config = json.loads(path.read_text(encoding="utf-8"))
    if options.dataset is None:
        if "dataset" not in config:
            raise ValueError(f"Expected --dataset NAME with {options.model}. Received: none.")
        options.dataset = config["dataset"]
    if "dataset" in config and is_same_dataset(config["dataset"], options.dataset):
        if options.image_size is None:
            options.image_size = config.get("image_size")
        if options.data_dir is None:
            options.data_dir = config.get("data_dir")
        if options.corruptions and options.corruption_dir is None:
            options.corruption_dir = config.get("corruption_dir")
        if options.corruptions and options.corruption_images is None:
            options.corruption_images = config.get("corruption_pictures")
    if options.interpolation and options.vae is None:
        own = autoencoder_file(pathlib.Path(options.model))
        options.vae = own if loaded.kind == RUN and own.is_file() else None
    if options.seed is None:
        options.seed = config.get("seed", 0)


def _with_mixup_inference(
    options: argparse.Namespace,
    loaded: LoadedClassifier,
    form: ModelForm,
    predict: Predictor,
    dataset: data.Dataset,
) -> Predictor:
    """Wrap the classifier, the model itself where it can be in one graph with the mixing."""
    if options.mixup_inference is None:
        return predict
    own: dict[str, Any] = {"form": options.mixup_inference, "seed": options.seed}
    if isinstance(loaded.model, keras.Model) and form.value_range in ((0, 255), (0, 1)):
        own |= {"from_logits": form.from_logits, "classifier_range": form.value_range}
        return MixupInference(loaded.model, dataset.train, **own)
    return MixupInference(predict, dataset.train, **own)


def _load_data(options: argparse.Namespace, loaded: LoadedClassifier) -> data.Dataset:
    """Load the dataset in the size that the model takes, where it is a folder."""
    height, width, channels = loaded.specification.shape[1:]
    size = options.image_size
    is_folder = os.path.isdir(os.path.expanduser(options.dataset))
    if size is None and is_folder and height is not None and height == width:
        size = height
    dataset = data.load_data(options.dataset, options.data_dir, size)
    if not loaded.specification.shape[1:].is_compatible_with(dataset.image_shape):
        received = " x ".join(map(str, dataset.image_shape))
        expected = " x ".join(str(part or "any") for part in (height, width, channels))
        hint = ""
        if channels not in (None, dataset.image_shape[2]):
            hint = f" The model takes images of {channels} channel{'s' * (channels > 1)}."
        elif height == width:
            hint = f" Resize them: image_size {height}."
        raise ValueError(
            f"Expected images of {expected}, as {options.model} takes them. "
            f"Received: {received} of {options.dataset!r}.{hint}"
        )
    return dataset


def _load_others(options: argparse.Namespace, dataset: data.Dataset) -> data.Split:
    """Load the test images of another dataset, in the form of those of the first."""
    height, width, channels = dataset.image_shape
    others = data.load_data(options.ood, options.data_dir, height if height == width else None).test
    images = others.images
    if channels == 3 and images.shape[3] == 1 and not isinstance(images, StreamedImages):
        images = np.repeat(images, 3, axis=3)
    if images.shape[1:] != dataset.image_shape:
        raise ValueError(
            f"Expected images of --ood of shape {dataset.image_shape}, as those of "
            f"{dataset.name!r}. Received: {images.shape[1:]} of {options.ood!r}."
        )
    return data.Split(images, others.labels)
