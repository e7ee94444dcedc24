"""A study whose trainings only write down what they were told."""

import json
import pathlib

import pytest

from tf_varmixup.commands.evaluate_flags import parse_evaluation
from tf_varmixup.commands.recipe_flags import parse_recipe
from tf_varmixup.commands.study import main
from tf_varmixup.run import PRESETS

STUDY = """
seeds = 2
baseline = "erm"

[settings]
dataset = "digits"
preset = "quick"
epochs = 3
vae_epochs = 1

[[runs]]
method = ["erm", "varmixup"]

[[runs]]
method = "mixup"
seeds = 1
alpha = 0.2

[evaluate.linearity]
methods = ["erm"]
local_linearity = true
corruptions = "none"
"""
RUNS = ["digits-erm-seed0", "digits-varmixup-seed0", "digits-mixup-seed0"]
RUNS += ["digits-erm-seed1", "digits-varmixup-seed1"]
OUTPUT = pathlib.Path("runs/small")
AUTOENCODER = ["--method", "reconstruction", "--dataset", "digits", "--preset", "quick"]


class Launcher:
    """In place of processes: writes a finished run, or what a test says instead."""

    def __init__(self):
        self.launched = []
        self.instead = {}

    def __call__(self, module, arguments, log=None):
        name = module.rpartition(".")[2]
        if name == "compare":
            at = arguments.index("--output")
            self.launched.append(f"compare {' '.join(arguments[:at])}")
            folder = pathlib.Path(arguments[at + 1])
            folder.mkdir()
            (folder / "comparison.json").write_text("{}")
            return 0
        at = "--output" if name == "evaluate" else "--run_dir"
        folder = pathlib.Path(arguments[arguments.index(at) + 1])
        self.launched.append(f"{name} {folder.relative_to(OUTPUT)}")
        if folder.name in self.instead:
            return self.instead[folder.name](folder, arguments, log)
        return self.finish(folder, arguments, name)

    def finish(self, folder, arguments, name="train", metrics=True):
        folder.mkdir(parents=True, exist_ok=True)
        if name == "evaluate":
            config = {**vars(parse_evaluation("evaluate", arguments)), "output": str(folder)}
        else:
            recipe = parse_recipe(arguments)
            config = recipe.config() | {"batch_size": 64, "precision": "float32"}
            config["strategy"], config["flip"] = "none", False
            for setting in ("vae_latent", "likelihood_scale"):
                own = PRESETS[recipe.preset][setting]
                config[setting] = getattr(recipe, setting) or own
        (folder / "config.json").write_text(json.dumps(config))
        section = {"accuracy": 0.5}
        vae = {"psnr": 20.0, "elbo": 1.0, "kl": 1.0, "active_units": 3, "mse": 0.01}
        content = {"clean": section, "corrupted": section, "temperature": 1.0}
        content |= {"vae": vae, "timing": {"classifier": 60.0}}
        if metrics:
            (folder / "metrics.json").write_text(json.dumps(content))
        return 0


class WideConsole:
    """Prints what is said without its colors."""

    def print(self, text, **options):
        print(text.replace("[bold]", "").replace("[/bold]", ""))


def stopped(*arguments):
    with pytest.raises(SystemExit) as stop:
        main([*arguments])
    return stop.value.code


def refused(capsys, text, *arguments):
    pathlib.Path("small.toml").write_text(text)
    assert stopped("small.toml", *arguments) == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1, line
    return line


def folders(*names):
    return " ".join(str(OUTPUT / name) for name in names)
