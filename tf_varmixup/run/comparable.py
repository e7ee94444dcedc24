"""Whether two runs can be compared, and what to call them where they are."""

import math
import pathlib
from collections.abc import Iterable, Sequence
from typing import Any

from tf_varmixup.corruptions.names import BENCHMARK, SEVERITIES
from tf_varmixup.run.comparison import differences, experiment
from tf_varmixup.run.finished_run import FinishedRun, recipe_in_name
from tf_varmixup.run.recipe import roles

# Settings that belong to a method as its parameters do: how its vicinity is made and drawn from.
_OF_THE_METHOD = (
    "method",
    "mix_in",
    "vae_epochs",
    "vae_latent",
    "likelihood_scale",
    "vae_objective",
    "vae_adversarial_radius",
)


def obstacles(one: FinishedRun, other: FinishedRun) -> dict[str, tuple[Any, Any]]:
    """Return the settings in which two runs must agree to be compared, and do not.

    Those are all but the seed, the method and what belongs to it. Of a classifier that was not
    trained here, only what was measured counts: the dataset and the corrupted images. Attacks and
    other datasets, where both were measured by them, must be the same.

    Args:
        one: A run.
        other: Another.

    Returns:
        A dict of setting to a pair of values; empty where the runs can be compared.

    Example:
        >>> import pathlib
        >>> configs = [{"method": "erm", "epochs": 2}, {"method": "mixup", "epochs": 3}]
        >>> obstacles(*(FinishedRun(pathlib.Path("a"), config, {}) for config in configs))
        {'epochs': (2, 3)}
    """
    first, second = _measured(one), _measured(other)
    found = {
        name: (first[name], second[name])
        for name in first
        if name in second and first[name] != second[name]
    }
    if "method" in one.config and "method" in other.config:
        fields = roles().keys() - set(_OF_THE_METHOD)
        pairs = differences((one.config, one.metrics), (other.config, other.metrics))
        found |= {name: pair for name, pair in pairs.items() if name in fields or "." in name}
    return found


def have_other_autoencoders(runs: Sequence[FinishedRun]) -> bool:
    """Return whether runs were given autoencoders that differ, by their errors on test images.

    Those that each run trained itself differ with its seed, as they should. Weights of one training
    differ from machine to machine by rounding, to which the error hardly answers.

    Args:
        runs: Runs of one recipe.

    Example:
        >>> import pathlib
        >>> pairs = [({"vae_digest": "a"}, {"vae": {"mse": mse}}) for mse in (0.01, 0.02)]
        >>> have_other_autoencoders([FinishedRun(pathlib.Path("a"), *pair) for pair in pairs])
        True
    """
    given = [run for run in runs if run.config.get("vae_digest") is not None]
    errors = [(run.metrics.get("vae") or {}).get("mse") for run in given]
    found = [error for error in errors if error is not None]
    return bool(found) and not math.isclose(min(found), max(found), rel_tol=1e-4)


def row_label(run: FinishedRun, others: Iterable[FinishedRun]) -> str:
    """Return what to call a run's recipe among others.

    Args:
        run: A run.
        others: A run of each recipe.

    Returns:
        The method, and where several recipes have it, the settings in which they differ. A
        classifier that was not trained here is called by its folder's name.

    Example:
        >>> import pathlib
        >>> configs = [{"method": "mixup", "alpha": alpha} for alpha in (0.3, 1.0)]
        >>> runs = [FinishedRun(pathlib.Path("a"), config, {}) for config in configs]
        >>> [row_label(run, runs) for run in runs]
        ['mixup, alpha 0.3', 'mixup, alpha 1']
    """
    if "method" not in run.config:
        return run.name
    pair = run.config, run.metrics
    names: dict[str, None] = {}
    for other in others:
        if other.config.get("method") == run.config["method"]:
            names |= dict.fromkeys(differences(pair, (other.config, other.metrics)))
    settings = experiment(*pair)
    words = [
        f"{name.replace('_', ' ')} {_word(settings[name])}"
        for name in names
        if settings.get(name) is not None  # of rows that differ in it, others have it
    ]
    return ", ".join([run.config["method"], *words])


def folder_label(run: FinishedRun) -> str:
    """Return what to call a run's recipe as its folder does, and how a classifier was made of it.

    Example:
        >>> import pathlib
        >>> config = {"method": "mixup", "dataset": "cifar10", "seed": 3}
        >>> folder_label(FinishedRun(pathlib.Path("cifar10-weak_mixup-seed3"), config, {}))
        'weak_mixup'
    """
    name = run.called or recipe_in_name(run.name, run.config)
    inference = run.config.get("mixup_inference") if "method" in run.config else None
    return name if inference is None else f"{name}, mixup inference {inference}"


def _measured(run: FinishedRun) -> dict[str, Any]:
    """Return what was measured, as far as the run says so."""
    corruptions = run.metrics.get("corruptions") or {}
    facts = {name: run.config[name] for name in ("dataset", "image_size") if name in run.config}
    facts |= run.conditions
    if "ood" in facts:  # sections of several datasets stand side by side
        other, digest = facts.pop("ood"), facts.pop("ood_digest", None)
        name = f"ood {pathlib.Path(other).name}"
        facts[name] = other
        if digest is not None:
            facts[f"{name}, digest"] = digest
    for name in ("source", "constants", "frost"):
        if name in corruptions:
            facts[f"corruptions.{name}"] = corruptions[name]
    if "pictures" in corruptions:
        facts["corruption_pictures"] = corruptions["pictures"]
    if run.cells:
        facts["cells of the benchmark"] = _cells(run)
    return facts


def _cells(run: FinishedRun) -> str:
    """Say which cells of the benchmark were measured."""
    severities: dict[str, list[str]] = {name: [] for name in BENCHMARK}
    for name, severity in sorted({(cell["corruption"], cell["severity"]) for cell in run.cells}):
        if name in severities:
            severities[name].append(str(severity))
    if all(len(found) == len(SEVERITIES) for found in severities.values()):
        return "all"
    return "; ".join(f"{name} {', '.join(found)}" for name, found in severities.items() if found)


def _word(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
