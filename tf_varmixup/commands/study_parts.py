"""What a study is made of: its runs, what they share, and what is measured of them."""

import argparse
import dataclasses
import pathlib
from typing import Any

from tf_varmixup.run.presets import PRESETS
from tf_varmixup.run.recipe import COMMAND, PATH, Recipe, roles

# Paths that a run has or has not, wherever they lead.
_GIVEN_OR_NOT = ("classifier_weights", "corruption_dir")


@dataclasses.dataclass(frozen=True, eq=False)
class StudyAutoencoder:
    """An autoencoder that runs of a study share.

    Attributes:
        folder: Where it is once it is trained.
        flags: The flags of its training but for the folder.
        recipe: What they say.
    """

    folder: pathlib.Path
    flags: tuple[str, ...]
    recipe: Recipe

    @property
    def wanted(self) -> dict[str, Any]:
        """The settings that its config.json must have: those of a method do nothing to it."""
        settings = _settings(self.recipe)
        return {
            name: value
            for name, value in settings.items()
            if name not in self.recipe.method_parameters
        }


@dataclasses.dataclass(frozen=True, eq=False)
class StudyRun:
    """A run of a study.

    Attributes:
        label: The name that the file gives it, or its method.
        folder: The run's folder.
        flags: The flags of train.py but for the folder.
        recipe: What they say.
        autoencoder: The one that it shares, or None.
    """

    label: str
    folder: pathlib.Path
    flags: tuple[str, ...]
    recipe: Recipe
    autoencoder: StudyAutoencoder | None

    @property
    def wanted(self) -> dict[str, Any]:
        """The settings that its config.json must have."""
        settings = _settings(self.recipe)
        if self.autoencoder is not None:
            recipe = self.autoencoder.recipe
            for name in ("vae_latent", "likelihood_scale"):
                settings[name] = getattr(recipe, name) or PRESETS[recipe.preset][name]
            for name in ("vae_objective", "vae_adversarial_radius"):
                settings[name] = getattr(recipe, name)
        return settings


@dataclasses.dataclass(frozen=True, eq=False)
class StudyEvaluation:
    """An evaluation of a run of a study.

    Attributes:
        name: The name that the file gives it.
        run: The run.
        flags: The flags of `tf_varmixup.evaluate`, the run's folder first, but for the output.
        options: What they say.
    """

    name: str
    run: StudyRun
    flags: tuple[str, ...]
    options: argparse.Namespace

    @property
    def folder(self) -> pathlib.Path:
        """Where it goes: into the run's folder."""
        return self.run.folder / "evaluations" / self.name

    @property
    def wanted(self) -> dict[str, Any]:
        """The settings that its config.json must have."""
        free = ("model", "output", "data_dir", "vae")
        return {name: value for name, value in vars(self.options).items() if name not in free}


@dataclasses.dataclass(frozen=True)
class Study:
    """A study.

    Attributes:
        output: The folder of all that it makes.
        baseline: What differences are to, or None.
        runs: The runs in the order in which they are made, seed by seed.
        evaluations: What is measured of them afterwards.
    """

    output: pathlib.Path
    baseline: str | None
    runs: tuple[StudyRun, ...]
    evaluations: tuple[StudyEvaluation, ...]


def _settings(recipe: Recipe) -> dict[str, Any]:
    """Return the settings of a recipe by which its runs are told from others."""
    role = roles()
    config = recipe.config()
    return {
        name: config[name]
        for name in config
        if name in _GIVEN_OR_NOT or role.get(name) not in (PATH, COMMAND)
    }
