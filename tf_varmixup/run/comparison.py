"""Which runs repeat one experiment with other seeds, and which differ."""

from collections.abc import Iterable, Mapping
from typing import Any

from tf_varmixup.checks import FORMER_WORDS
from tf_varmixup.methods.signatures import method_signature, method_signatures
from tf_varmixup.run.presets import FITTED
from tf_varmixup.run.recipe import EXPERIMENT, defaults, roles

Run = tuple[Mapping[str, Any], Mapping[str, Any]]


def experiment(config: Mapping[str, Any], metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Return what defines a run's experiment: all settings but seed, paths and command.

    Where version 0.1 wrote "auto", the precision comes from the metrics; a setting that it did not
    have gets its default if there is one, and the parameters of other methods are left out.

    Args:
        config: Contents of config.json.
        metrics: Contents of metrics.json, which say where the corrupted images came from.

    Returns:
        A dict of setting to value.

    Example:
        >>> experiment({"method": "mixup", "alpha": 1.0, "seed": 3}, {})["alpha"]
        1.0
    """
    role = roles()
    settings = {
        name: value
        for name, value in defaults().items()
        if role[name] == EXPERIMENT and value is not None
    }
    settings |= {
        name: FORMER_WORDS.get(value, value) if isinstance(value, str) else value
        for name, value in config.items()
        if role.get(name, EXPERIMENT) == EXPERIMENT
    }
    settings = _parameters_of_its_method(settings)
    environment = metrics.get("environment", {})
    if settings["precision"] == "auto" and "precision" in environment:
        settings["precision"] = environment["precision"].removeprefix("mixed_")
    if settings["strategy"] == "auto":
        settings["strategy"] = "none"  # what it was on all machines but those with several GPUs
    corruptions = metrics.get("corruptions", {})
    for fact in ("source", "constants", "frost"):
        settings[f"corruptions.{fact}"] = corruptions.get(fact)
    return settings


def same_experiment(one: Run, other: Run) -> bool:
    """Return whether two runs, pairs of config.json and metrics.json, differ at most in seed."""
    return not differences(one, other)


def differences(one: Run, other: Run) -> dict[str, tuple[Any, Any]]:
    """Return the settings in which two runs' experiments differ, with both values.

    What the dataset decided in a version that did not write it down counts as the same.

    Args:
        one: Pair of the contents of a config.json and a metrics.json.
        other: Another such pair.

    Returns:
        A dict of setting to a pair of values.

    Example:
        >>> runs = [({"method": "erm", "epochs": epochs}, {}) for epochs in (2, 3)]
        >>> differences(*runs)
        {'epochs': (2, 3)}
    """
    first, second = experiment(*one), experiment(*other)
    decided = {name for name, value in defaults().items() if value is None}
    names = {**first, **second}.keys() - (decided - (first.keys() & second.keys()))
    return {
        name: (first.get(name), second.get(name))
        for name in sorted(names)
        if first.get(name) != second.get(name)
    }


def group_runs(runs: Iterable[Run]) -> dict[str, list[Run]]:
    """Group runs by method, and make sure that each group is one experiment with other seeds.

    Args:
        runs: Pairs of dicts, the contents of config.json and of metrics.json.

    Returns:
        A dict of method to its runs ordered by seed, methods in the order of first appearance.

    Raises:
        ValueError: If a method has a seed twice, or runs of different experiments.

    Example:
        >>> list(group_runs([({"method": "erm", "seed": 0}, {})]))
        ['erm']
    """
    groups: dict[str, list[Run]] = {}
    for run in runs:
        groups.setdefault(run[0]["method"], []).append(run)
    for method, group in groups.items():
        seeds = sorted(config["seed"] for config, _ in group)
        if len(set(seeds)) < len(seeds):
            raise ValueError(
                f"Expected runs of {method!r} with different seeds, to be averaged. "
                f"Received: seeds {', '.join(map(str, seeds))}."
            )
        for run in group[1:]:
            for name, values in differences(group[0], run).items():
                raise ValueError(
                    f"Expected runs of {method!r} that agree in {name}, to be averaged. "
                    f"Received: {values[0]!r} and {values[1]!r}."
                )
        group.sort(key=lambda run: run[0]["seed"])
    return groups


def _parameters_of_its_method(settings: dict[str, Any]) -> dict[str, Any]:
    """Leave out the parameters of other methods, and fill in the defaults of its own."""
    try:
        signature = method_signature(settings["method"])
    except ValueError:  # a class of the user's that is not at hand here
        return settings
    own = {one.name: one.default for one in signature.parameters}
    if not signature.needs_autoencoder and FITTED not in settings.values():
        its_own = (
            "likelihood_scale",
            "vae_adversarial_radius",
            "vae_epochs",
            "vae_latent",
            "vae_objective",
        )
        settings = {name: settings[name] for name in settings if name not in its_own}
    known = {one.name for signature in method_signatures().values() for one in signature.parameters}
    kept = {name: value for name, value in settings.items() if name not in known - own.keys()}
    return {**own, **kept}
