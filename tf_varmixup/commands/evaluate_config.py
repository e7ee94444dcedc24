"""What an evaluation says of itself in config.json."""

import argparse
import hashlib
import inspect
import os
import pathlib
import shlex
import sys
from typing import Any

import numpy as np

from tf_varmixup import data
from tf_varmixup.commands.evaluate_flags import ATTACK, PGD
from tf_varmixup.corruptions import CorruptionBenchmark
from tf_varmixup.evaluation.detection import ModelForm
from tf_varmixup.evaluation.loaded_classifier import FUNCTION, RUN, LoadedClassifier
from tf_varmixup.files import path_digest
from tf_varmixup.run import corruption_digest, data_digest, images_digest
from tf_varmixup.training.autoencoder_stage import autoencoder_file


def evaluation_config(
    options: argparse.Namespace,
    loaded: LoadedClassifier,
    form: ModelForm,
    dataset: data.Dataset,
    benchmark: CorruptionBenchmark | None,
    logits: np.ndarray,
    others: data.Split | None = None,
) -> dict[str, Any]:
    """Return the contents of config.json: what is measured, of what and how.

    Args:
        options: As `set_up` completed them.
        loaded: The classifier.
        form: What it takes and returns.
        dataset: The dataset.
        benchmark: Its test images under corruptions, or None.
        logits: What the classifier makes of the first images.
        others: Images of another dataset that are to be told from these, or None.

    Returns:
        A dict of JSON values; an evaluation goes on only where they are the same, the digests of
        the model's files and of the images included. What the code of a function reads is not
        known: the first logits stand for it, as far as their third decimal.
    """
    given = {name: value for name, value in vars(options).items() if name != "output"}
    given = {
        name: str(value) if isinstance(value, pathlib.Path) else value
        for name, value in given.items()
    }
    return {
        **given,
        "model_kind": loaded.kind,
        "model_digest": path_digest(_path_of(options.model, loaded)),
        **({} if options.vae is None else _digests_of_autoencoder(options, loaded)),
        **({} if others is None else {"ood_digest": images_digest(others)}),
        **({} if os.path.exists(options.model) else {"logits_digest": _digest_of(logits)}),
        "data_digest": data_digest(dataset),
        "corruption_digest": None if benchmark is None else corruption_digest(benchmark),
        "from_logits": form.from_logits,
        "value_range": list(form.value_range or ()),
        "image_shape": list(dataset.image_shape),
        "corruptions": list(options.corruptions),
        **{name: getattr(options, name) for name in (*ATTACK, *PGD)},
        "command": f"python -m tf_varmixup.evaluate {shlex.join(sys.argv[1:])}",
    }


def _digests_of_autoencoder(
    options: argparse.Namespace, loaded: LoadedClassifier
) -> dict[str, str]:
    """Digest an autoencoder; of one that is not the run's own, runs of a row must have the same."""
    file = autoencoder_file(options.vae)
    digest = path_digest(file)
    own = autoencoder_file(pathlib.Path(options.model))
    is_own = loaded.kind == RUN and own.is_file() and own.samefile(file)
    return {"vae_digest": digest} | ({} if is_own else {"shared_vae_digest": digest})


def _digest_of(logits: np.ndarray) -> str:
    return hashlib.sha256((np.round(logits, 3) + 0.0).tobytes()).hexdigest()


def _path_of(model: str, loaded: LoadedClassifier) -> pathlib.Path:
    """Return where the model's files are, of a function its module."""
    path = pathlib.Path(model)
    if loaded.kind == RUN:
        path = path / "classifier.keras"
    if loaded.kind == FUNCTION or not path.exists():
        source = inspect.getsourcefile(sys.modules[model.partition(":")[0]])
        path = pathlib.Path(source or os.devnull)
    return path
