"""The settings of a run: what is given, what a preset decides, and what is written down."""

import dataclasses
import json
import pathlib
import subprocess
import sys

import pytest

from tf_varmixup.run import PRESETS, Recipe
from tf_varmixup.run.recipe import defaults, roles


def resolved(recipe, num_images=45_000, num_test_images=10_000, flip=True):
    return recipe.resolved(num_images, num_test_images, flip, "float32", "none")


def test_a_recipe_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Recipe("digits").seed = 3


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_decides_what_is_not_given(preset):
    recipe = resolved(Recipe("cifar10", preset=preset))
    for name, value in PRESETS[preset].items():
        if value is not None:
            assert getattr(recipe, name) == value, name
    given = {
        "epochs": 3,
        "vae_epochs": 5,
        "classifier": "wrn-16-4",
        "corruption_pictures": 70,
        "batch_size": 32,
        "optimizer": "muon",
        "learning_rate": 0.3,
        "weight_decay": 0.0,
        "shift": 0.0,
    }
    told = resolved(Recipe("cifar10", preset=preset, **given))
    assert {name: getattr(told, name) for name in given} == given


@pytest.mark.parametrize("classifier", ["keras:MobileNetV2", "wrn-16-4"])
def test_networks_with_free_convolutions_get_sgd_unless_the_recipe_says_otherwise(classifier):
    settings = {"classifier": classifier, "preset": "default"}
    assert resolved(Recipe("cifar10", preset="default")).optimizer == "muon"
    assert resolved(Recipe("cifar10", **settings)).optimizer == "sgd"
    assert resolved(Recipe("cifar10", **settings, optimizer="muon")).optimizer == "muon"


def test_an_unknown_preset_is_refused():
    with pytest.raises(ValueError, match="Expected preset to be one of 'quick', 'default', 'best'"):
        Recipe("digits", preset="fast")


@pytest.mark.parametrize(
    ("num_images", "expected"), [(9_999, 64), (10_000, 128), (24_999, 128), (25_000, 256)]
)
def test_batches_are_as_large_as_a_dataset_allows(num_images, expected):
    assert resolved(Recipe("cifar10"), num_images).batch_size == expected
    quick = resolved(Recipe("cifar10", preset="quick"), num_images)
    assert quick.batch_size == min(expected, 128)


def test_small_datasets_get_small_batches_and_enough_steps():
    recipe = resolved(Recipe("digits"), 1_293, 359)
    assert recipe.batch_size == 64
    assert recipe.epochs == recipe.vae_epochs == 50  # 20 steps an epoch, 1,000 in all
    assert recipe.corruption_pictures == 359
    assert resolved(Recipe("digits"), 10, 4).batch_size == 10


def test_what_was_decided_is_written_down():
    config = resolved(Recipe("cifar10", method="mixup", method_parameters={"alpha": 0.2})).config()
    assert (config["precision"], config["strategy"], config["flip"]) == ("float32", "none", True)
    assert config["alpha"] == 0.2
    assert "method_parameters" not in config
    unknown = {name for name, value in config.items() if value is None}
    assert unknown == {
        "image_size",
        "command",
        "data_digest",
        "classifier_weights_digest",
        *(name for name, role in roles().items() if role == "path"),
    }
    assert json.loads(json.dumps(config)) == config


def test_what_is_given_is_never_decided():
    given = Recipe("cifar10", flip=False, precision="bfloat16", strategy="mirrored", batch_size=7)
    recipe = resolved(given)
    assert (recipe.flip, recipe.precision, recipe.strategy) == (False, "bfloat16", "mirrored")
    assert recipe.batch_size == 7


def test_mixing_in_the_pipeline_needs_one_replica():
    Recipe("digits", mix_in="data")
    Recipe("digits", mix_in="data", strategy="none")
    with pytest.raises(ValueError, match=r"strategy 'none' with mix_in 'data'.*'mirrored'"):
        Recipe("digits", mix_in="data", strategy="mirrored")


def test_a_seed_that_no_generator_takes_is_refused():
    assert Recipe("digits", seed=2**32 - 1).seed == 2**32 - 1
    with pytest.raises(ValueError, match=r"seed to be below 2\*\*32. Received: 4294967296"):
        Recipe("digits", seed=2**32)


def test_the_folder_of_a_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "My images").mkdir()
    for recipe, name in (
        (Recipe("digits", method="erm", seed=3), "digits-erm-seed3"),
        (Recipe("mnist/plain", method="a.b:C"), "mnist-plain-a.b-C-seed0"),
        (Recipe(str(tmp_path / "My images"), method="erm"), "My images-erm-seed0"),
    ):
        assert recipe.folder() == pathlib.Path("runs") / name
    assert Recipe("digits", run_dir=tmp_path).folder() == tmp_path


def test_every_setting_says_what_it_is_of_a_run():
    names = {field.name for field in dataclasses.fields(Recipe)} - {"method_parameters"}
    assert roles().keys() == defaults().keys() == names
    assert set(roles().values()) == {"experiment", "seed", "path", "command"}


def test_a_recipe_needs_no_tensorflow():
    program = "import sys, tf_varmixup.run.recipe; print('tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"epochs": 0}, "epochs to be a positive integer[.] Received: 0"),
        ({"batch_size": 2.5}, "batch_size to be a positive integer[.] Received: 2.5"),
        ({"learning_rate": -0.1}, "learning_rate to be a positive number[.] Received: -0.1"),
        ({"shift": 1.0}, "shift to be a number of at least 0 and below 1[.] Received: 1.0"),
        ({"preset": "fast"}, "preset to be one of 'quick', 'default', 'best'[.] Received: 'fast'"),
    ],
)
def test_a_bad_setting_is_refused_in_python_too(setting, message):
    with pytest.raises(ValueError, match=message):
        Recipe("digits", **setting)
