"""Commands of earlier runs get the flags whose defaults have changed since."""

import shlex

import pytest

from tf_varmixup.commands.recipe_flags import parse_recipe
from tools.current_command import current_command

COMMAND = "python train.py --dataset cifar10 --data_dir images"
# As version 0.1 wrote it.
FORMER = {
    "dataset": "cifar10",
    "method": "varmixup",
    "alpha": 1.0,
    "lambda_per": "picture",
    "clean_share": 0.0,
    "classifier": "airbench",
    "epochs": 10,
    "vae_epochs": 6,
    "batch_size": 128,
    "learning_rate": 0.2,
    "weight_decay": 0.015,
    "shift": 0.0625,
    "corruption_pictures": 10_000,
    "command": COMMAND,
}


def test_a_command_of_an_earlier_version_makes_the_same_recipe_today():
    recipe = parse_recipe(shlex.split(current_command(FORMER))[2:])
    resolved = recipe.resolved(45_000, 10_000, True, "float32", "none").config()
    expected = FORMER | {
        "lambda_per": "image",  # the same by today's name
        "optimizer": "sgd",
        "vae_latent": "spatial",
        "likelihood_scale": 0.05,
        "residual": 0.0,
        "noise": 0.0,
        "command": resolved["command"],
    }
    assert {name: resolved[name] for name in expected} == expected


@pytest.mark.parametrize("method", ["erm", "varmixup"])
def test_a_command_of_today_is_left_as_it_is(method):
    command = f"{COMMAND} --method {method} --shift 0.25"
    recipe = parse_recipe(shlex.split(command)[2:])
    config = recipe.resolved(45_000, 10_000, True, "bfloat16", "none").config()
    assert current_command(config | {"command": command}) == command


def test_an_autoencoder_of_another_run_and_evaluations_have_no_flags_to_add():
    shared = FORMER | {"command": f"{COMMAND} --vae runs/other"}
    assert "--likelihood_scale" not in current_command(shared)
    evaluation = {"command": "python -m tf_varmixup.evaluate runs/one"}
    assert current_command(evaluation) == evaluation["command"]
