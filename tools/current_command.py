"""The command that makes a run of an earlier version today."""

import shlex
from collections.abc import Mapping
from typing import Any

from tf_varmixup.commands.recipe_flags import parse_recipe
from tf_varmixup.methods import method_signature
from tf_varmixup.run.comparison import differences

_PROGRAM = "python train.py "
# What hardware and dataset decide unless it is given, and what no flag says.
_DECIDED = {"precision", "strategy", "flip", "data_digest"}
_AUTOENCODERS = {
    "vae_epochs",
    "vae_latent",
    "likelihood_scale",
    "vae_objective",
    "vae_adversarial_radius",
}
# Of the datasets in `results/`, for what depends on them.
_IMAGES = 45_000, 10_000


def current_command(config: Mapping[str, Any]) -> str:
    """Add flags to a run's command for all that has another default now than it had then.

    Args:
        config: Contents of the run's config.json.

    Returns:
        The command; that of an evaluation as it is, since there are no presets for it.

    Example:
        >>> command = "python train.py --dataset cifar10 --method erm"
        >>> config = {"dataset": "cifar10", "method": "erm", "optimizer": "sgd", "command": command}
        >>> current_command(config)[-15:]
        '--optimizer sgd'
    """
    if not config["command"].startswith(_PROGRAM):
        return config["command"]
    recipe = parse_recipe(shlex.split(config["command"].removeprefix(_PROGRAM)))
    today = recipe.resolved(*_IMAGES, True, "float32", "none").config()
    unused = set(_DECIDED)
    if recipe.vae or not method_signature(recipe.method).needs_autoencoder:
        unused |= _AUTOENCODERS
    flags = [
        f"--{name} {then:g}" if isinstance(then, float) else f"--{name} {then}"
        for name, (then, _) in differences((config, {}), (today, {})).items()
        if name not in unused
    ]
    return " ".join([config["command"], *flags])
