"""The command that makes a run of an earlier version today."""

import shlex
from collections.abc import Mapping
from typing import Any

from tf_varmixup.commands.recipe_flags import parse_recipe
from tf_varmixup.methods import method_signature
from tf_varmixup.run.recipe import EXPERIMENT, defaults, roles

# What hardware and dataset decide unless it is given, and what no flag says.
_DECIDED = ("precision", "strategy", "flip", "data_digest")
_AUTOENCODERS = ("vae_epochs", "vae_latent", "likelihood_scale", "vae_adversarial_radius")
_FORMER_WORDS = {"image": "picture"}
# Of the datasets in `results/`, for what depends on them.
_IMAGES = 45_000, 10_000


def current_command(config: Mapping[str, Any]) -> str:
    """Add flags to a run's command for all that has another default now than it had then.

    Args:
        config: Contents of the run's config.json.

    Returns:
        The command.

    Example:
        >>> command = "python train.py --dataset cifar10 --method erm"
        >>> current_command({"dataset": "cifar10", "optimizer": "sgd", "command": command})[-15:]
        '--optimizer sgd'
    """
    program = "python train.py "
    if not config["command"].startswith(program):
        return config["command"]  # of an evaluation, which has no presets
    arguments = shlex.split(config["command"].removeprefix(program))
    recipe = parse_recipe(arguments).resolved(*_IMAGES, True, "float32", "none")
    today = recipe.config()
    method = method_signature(recipe.method)
    former = {one.name: one.default for one in method.parameters} | defaults()
    own_autoencoder = method.needs_autoencoder and not recipe.vae
    unused = _DECIDED if own_autoencoder else _DECIDED + _AUTOENCODERS
    then = {
        name: config.get(name, former.get(name))
        for name in today
        if roles().get(name, EXPERIMENT) == EXPERIMENT and name not in unused
    }
    added = [
        f"--{name} {value:g}" if isinstance(value, float) else f"--{name} {value}"
        for name, value in then.items()
        if value not in (None, today[name], _FORMER_WORDS.get(today[name]))
    ]
    return " ".join([config["command"], *added])
