"""What a preset decides unless the setting of that name is given."""

from collections.abc import Callable, Mapping
from typing import Any

from tf_varmixup.methods.composed_signature import parameter_owners, parameters_by_part
from tf_varmixup.methods.signatures import method_signature

# `corruption_pictures` is the number of test images per cell, None for all. `default` is tuned for
# ten epochs of its classifier; `best` has the literature's network and shifts, for two hours.
PRESETS: dict[str, dict[str, Any]] = {
    "quick": {
        "classifier": "compact",
        "epochs": 2,
        "vae_epochs": 2,
        "vae_latent": "circles",
        "likelihood_scale": 0.2,
        "corruption_pictures": 500,
        "batch_size": 128,
        "optimizer": "sgd",
        "learning_rate": 0.4,
        "weight_decay": 5e-3,
        "shift": 1 / 8,
    },
    "default": {
        "classifier": "airbench",
        "epochs": 10,
        "vae_epochs": 6,
        "vae_latent": "circles",
        "likelihood_scale": 0.2,
        "corruption_pictures": None,
        "batch_size": 256,
        "optimizer": "muon",
        "learning_rate": 0.2,
        "weight_decay": 1.5e-2,
        "shift": 3 / 32,
    },
    "best": {
        "classifier": "resnet18",
        "epochs": 25,
        "vae_epochs": 30,
        "vae_latent": "circles",
        "likelihood_scale": 0.2,
        "corruption_pictures": None,
        "batch_size": 256,
        "optimizer": "muon",
        "learning_rate": 0.2,
        "weight_decay": 1.5e-2,
        "shift": 1 / 8,
    },
}
# An epoch of a small dataset is only a few steps: a preset's epochs are as many as it takes to
# reach these.
SMALLEST_NUMBER_OF_STEPS = {"quick": 250, "default": 1000, "best": 4000}

# In place of the strength of a blur: the one that loses as much as the run's autoencoder does.
FITTED = "fitted"

# What train.py gives a method's parameter unless its flag is given. The classes themselves have the
# papers' values, which files of earlier versions rely on; docs/latent_space.md has the reasons.
_SHARE = {"clean_share": 0.75}
_MIXED = {**_SHARE, "alpha": 0.1}
_NOISE = {"noise": 0.1, "noise_draw": "uniform"}
RECOMMENDED: dict[str, dict[str, Any]] = {
    "varmixup": {
        **_MIXED,
        "residual": 1.0,
        "residual_draw": "uniform",
        "residual_from": "larger",
        "residual_label": 0.7,
        **_NOISE,
    },
    # Its controls have its share of clean images, and its strength of mixing and of noise.
    "gaussian": {**_SHARE, **_NOISE},
    "reconstruction": _SHARE,
    "mixup_reconstruction": _MIXED,
    "blur": {**_MIXED, "sigma": FITTED},
}
RECOMMENDED["adversarial_varmixup"] = RECOMMENDED["varmixup"]
# Where a recommended value has an effect, given the others.
_APPLIES: dict[str, Callable[[Mapping[str, Any]], bool]] = {
    "residual_draw": lambda values: values["residual"] > 0.0,
    "residual_from": lambda values: values["residual"] > 0.0,
    "residual_label": lambda values: (
        values["residual"] > 0.0 and values["residual_from"] == "larger"
    ),
    "noise_draw": lambda values: values["noise"] > 0.0,
}


def recommended(method: str) -> dict[str, Any]:
    """Return what train.py gives the parameters of a method unless their flags are given.

    Args:
        method: Name of a method, or of several with `+` between them.

    Returns:
        A dict of values by the names of those parameters for which something is recommended.

    Example:
        >>> recommended("varmixup+gaussian")["varmixup_clean_share"]
        0.75
    """
    if "+" not in method:
        return RECOMMENDED.get(method, {})
    parts = method_signature(method).parts
    return {
        flat: RECOMMENDED[parts[index].name][own]
        for flat, (index, own) in parameter_owners(parts).items()
        if own in RECOMMENDED.get(parts[index].name, {})
    }


def with_recommended(
    method: str, defaults: Mapping[str, Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    """Fill in the parameters of a method that were not given.

    Args:
        method: Name of the method, or of several with `+` between them.
        defaults: Its parameters' defaults by name.
        given: Values that were given by name.

    Returns:
        A dict of all parameters. What is recommended and has no effect beside what is given has its
        default.

    Example:
        >>> defaults = {"noise": 0.0, "noise_draw": "fixed"}
        >>> with_recommended("varmixup", defaults, {"noise": 0.0})
        {'noise': 0.0, 'noise_draw': 'fixed'}
    """
    if "+" in method:
        return _of_composition(method, defaults, given)
    found = {name: value for name, value in recommended(method).items() if name in defaults}
    values = {**defaults, **found, **given}
    for name, applies in _APPLIES.items():
        if name in found and name not in given and not applies(values):
            values[name] = defaults[name]
    return values


def _of_composition(
    method: str, defaults: Mapping[str, Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    """Fill in the parameters of each method of a composition as if it were alone."""
    parts = method_signature(method).parts
    by_part = parameters_by_part(parts, defaults), parameters_by_part(parts, given)
    filled = [
        with_recommended(part.name, *values) for part, *values in zip(parts, *by_part, strict=True)
    ]
    owners = parameter_owners(parts).items()
    found = {flat: filled[index][name] for flat, (index, name) in owners if name in filled[index]}
    return {**defaults, **given, **found}
