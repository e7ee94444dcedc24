"""The file of a study: which runs there are, what they share, and how they are measured."""

import dataclasses
import itertools
import pathlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tf_varmixup.checks import suggestion
from tf_varmixup.commands.evaluate_flags import parse_evaluation
from tf_varmixup.commands.recipe_flags import parse_recipe
from tf_varmixup.commands.study_parts import (
    Study,
    StudyAutoencoder,
    StudyEvaluation,
    StudyRun,
)
from tf_varmixup.methods.signatures import method_signature
from tf_varmixup.run.presets import FITTED
from tf_varmixup.run.recipe import Recipe

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TOP = ("output", "seeds", "baseline", "settings", "autoencoders", "runs", "evaluate")
# Of each run, besides the settings of train.py.
OF_RUNS = ("seeds", "name", "method", "dataset", "autoencoder")
OF_EVALUATIONS = ("methods", "seeds")
# Settings that decide how an autoencoder is trained; the first five are its own alone.
OF_AUTOENCODERS = (
    "vae_epochs",
    "vae_latent",
    "likelihood_scale",
    "vae_objective",
    "vae_adversarial_radius",
    "data_dir",
    "image_size",
    "preset",
    "mix_in",
    "batch_size",
    "shift",
    "flip",
    "precision",
    "strategy",
)
_OWN = OF_AUTOENCODERS[:5]
# What the study decides itself.
_DECIDED = ("seed", "vae", "run_dir", "resume", "command")
_DEFAULT = "autoencoder"


def read_study(path: pathlib.Path, program: str, data_dir: str | None = None) -> Study:
    """Read the file of a study, and refuse whatever is wrong with it.

    Args:
        path: A TOML file.
        program: What messages call the program.
        data_dir: TFDS' data folder, or None.

    Returns:
        A `Study`.

    Raises:
        OSError: If the file cannot be read.
        ValueError: If it is no TOML, or no study.
        SystemExit: With status 2 and one line on standard error, for a setting that a run cannot
            have.

    Example:
        >>> file = pathlib.Path("study.toml")
        >>> lines = ["seeds = 2", "[[runs]]", 'dataset = "digits"', 'method = ["erm", "mixup"]']
        >>> file.write_text(chr(10).join(lines)) > 0
        True
        >>> [run.folder.name for run in read_study(file, "study").runs]
        ['digits-erm-seed0', 'digits-mixup-seed0', 'digits-erm-seed1', 'digits-mixup-seed1']
    """
    return _Reader(path, program, data_dir).study()


class _Reader:
    def __init__(self, path: pathlib.Path, program: str, data_dir: str | None) -> None:
        self.path = path
        self.program = program
        self.data_dir = data_dir
        try:
            self.content = tomllib.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError are such
            raise ValueError(f"Expected TOML in {path}. Received: {error}.") from error
        self._known(self.content, TOP, "a key of the study")
        self.seeds = self._seeds(self.content.get("seeds", 1), "seeds")
        self.settings = self._table(self.content, "settings")
        if data_dir is not None:
            self.settings = {**self.settings, "data_dir": data_dir}
        self.autoencoders = self._table(self.content, "autoencoders") or {_DEFAULT: {}}
        for name in self.autoencoders:
            self._table(self.autoencoders, name)
        self.shared: dict[tuple[str, str], StudyAutoencoder] = {}
        output = self.content.get("output", f"runs/{path.stem}")
        self.output = pathlib.Path(self._text(output, "output"))

    def study(self) -> Study:
        entries = self.content.get("runs")
        if not isinstance(entries, list) or not entries:
            raise ValueError(f"Expected [[runs]] in {self.path}. Received: {entries!r}.")
        self._refuse(self.settings, (*_DECIDED, "name", "seeds"), "[settings]")
        found: list[list[StudyRun]] = []
        for number, entry in enumerate(entries, 1):
            found += self._of_entry(entry, f"[[runs]] number {number}")
        by_seed = itertools.zip_longest(*found)
        runs = tuple(run for seed in by_seed for run in seed if run is not None)
        self._all_differ(runs)
        evaluations = tuple(self._evaluations(runs))
        return Study(self.output, self._baseline(runs), runs, evaluations)

    def _of_entry(self, entry: Any, where: str) -> Iterator[list[StudyRun]]:
        """Return the runs of an entry, a list of seeds per method, dataset and autoencoder."""
        if not isinstance(entry, dict):
            raise self._wrong(f"{where} to be a table", entry)
        self._refuse(entry, _DECIDED, where)
        for name in _OWN:
            if name in entry:
                raise self._wrong(f"{name} in [autoencoders.NAME] or [settings]", f"it in {where}")
        seeds = self._seeds(entry["seeds"], f"seeds of {where}") if "seeds" in entry else self.seeds
        merged = {**self.settings, **entry}
        settings = {one: merged[one] for one in merged if one not in (*OF_RUNS, *_OWN)}
        methods = self._texts(merged.get("method"), f"method of {where}")
        label = merged.get("name")
        if label is not None and ("/" in self._text(label, f"name of {where}") or not label):
            raise self._wrong(f"name of {where} to be part of a folder's name", label)
        datasets = self._texts(merged.get("dataset"), f"dataset of {where}")
        for dataset, method in itertools.product(datasets, methods):
            program = f"{self.program}: {self.path}, {where} ({method})"
            flags = ["--dataset", dataset, *_flags(settings), "--method", method]
            recipe = parse_recipe(flags, program)
            needs = method_signature(method).needs_autoencoder
            if not needs and FITTED not in recipe.method_parameters.values():
                if "autoencoder" in entry:
                    raise self._wrong(f"no autoencoder in {where}", f"one for {method}")
                yield [self._run(label or method, flags, recipe, seed, None) for seed in seeds]
                continue
            names = merged.get("autoencoder", list(self.autoencoders)[:1])
            for name in self._texts(names, f"autoencoder of {where}"):
                self._known([name], self.autoencoders, f"an autoencoder for {where}")
                shared = self._autoencoder(name, dataset)
                on = [*flags, "--vae", str(shared.folder)]
                if shared.recipe.vae_epochs is not None:
                    on += ["--vae_epochs", str(shared.recipe.vae_epochs)]
                called = label or method
                if len(self.autoencoders) > 1:
                    called += f"-{name}"
                recipe = parse_recipe(on, program)
                yield [self._run(called, on, recipe, seed, shared) for seed in seeds]

    def _run(
        self,
        label: str,
        flags: Sequence[str],
        recipe: Recipe,
        seed: int,
        autoencoder: StudyAutoencoder | None,
    ) -> StudyRun:
        name = f"{_called(recipe.dataset)}-{label.replace(':', '-')}-seed{seed}"
        self._on_one_machine(recipe)
        recipe = dataclasses.replace(recipe, seed=seed)
        flags = (*flags, "--seed", str(seed))
        return StudyRun(label, self.output / name, flags, recipe, autoencoder)

    def _on_one_machine(self, recipe: Recipe) -> None:
        if recipe.strategy == "multi_worker":
            raise self._wrong("runs of one machine each; --shard is for several", recipe.strategy)

    def _autoencoder(self, name: str, dataset: str) -> StudyAutoencoder:
        if (name, dataset) not in self.shared:
            self.shared[name, dataset] = self._new_autoencoder(name, dataset)
        return self.shared[name, dataset]

    def _new_autoencoder(self, name: str, dataset: str) -> StudyAutoencoder:
        where = f"[autoencoders.{name}]"
        own = self.autoencoders[name]
        self._known(own, (*OF_AUTOENCODERS, "seed"), f"a setting of {where}")
        shared = {one: self.settings[one] for one in OF_AUTOENCODERS if one in self.settings}
        # Its training is the first stage of a run of this method, which has no more than it.
        flags = ["--dataset", dataset, *_flags({**shared, **own}), "--method", "reconstruction"]
        recipe = parse_recipe(flags, f"{self.program}: {self.path}, {where}")
        self._on_one_machine(recipe)
        called = "autoencoder" if name == _DEFAULT else f"autoencoder-{name}"
        folder = self.output / f"{_called(dataset)}-{called}"
        return StudyAutoencoder(folder, tuple(flags), recipe)

    def _evaluations(self, runs: Sequence[StudyRun]) -> Iterator[StudyEvaluation]:
        entries = self._table(self.content, "evaluate")
        names = list(dict.fromkeys(name for run in runs for name in (run.recipe.method, run.label)))
        for name in entries:
            where, entry = f"[evaluate.{name}]", self._table(entries, name)
            if "/" in name or not name:
                raise self._wrong(f"the name of {where} to be a folder's", name)
            self._refuse(entry, ("model", "output", "data_dir"), where)
            methods = self._texts(entry.get("methods", names), f"methods of {where}")
            for method in methods:
                self._known([method], names, f"a method of the study in {where}")
            seeds = self._seeds(entry["seeds"], f"seeds of {where}") if "seeds" in entry else None
            rest = {one: value for one, value in entry.items() if one not in OF_EVALUATIONS}
            flags = _flags(rest if self.data_dir is None else {**rest, "data_dir": self.data_dir})
            for run in runs:
                if not {run.recipe.method, run.label} & {*methods}:
                    continue
                if seeds is not None and run.recipe.seed not in seeds:
                    continue
                given = (str(run.folder), *flags)
                options = parse_evaluation(
                    f"{self.program}: {self.path}, {where}", [*given, "--output", "nowhere"]
                )
                yield StudyEvaluation(name, run, given, options)

    def _baseline(self, runs: Sequence[StudyRun]) -> str | None:
        if "baseline" not in self.content:
            return None
        baseline = self._text(self.content["baseline"], "baseline")
        known = dict.fromkeys(
            name for run in runs for name in (run.recipe.method, run.label, run.folder.name)
        )
        if "," not in baseline:  # the label of a row, which the runs decide, has one
            self._known([baseline], known, "a method or a run of the study as baseline")
        rows = dict.fromkeys(run.label for run in runs if run.recipe.method == baseline)
        if len(rows) > 1 and baseline not in rows:
            raise self._wrong(f"baseline to be one row, such as {' or '.join(rows)}", baseline)
        return baseline

    def _all_differ(self, runs: Sequence[StudyRun]) -> None:
        seen = set()
        for run in runs:
            if run.folder in seen:
                raise self._wrong("runs with folders of their own, by name", f"{run.folder} twice")
            seen.add(run.folder)

    def _known(self, names: Any, known: Any, what: str) -> None:
        for name in names:
            if name not in known:
                raise ValueError(
                    f"Expected {what} in {self.path}, one of {', '.join(known)}. "
                    f"Received: {name!r}." + suggestion(name, known)
                )

    def _refuse(self, table: Mapping[str, Any], names: Sequence[str], where: str) -> None:
        for name in names:
            if name in table:
                raise self._wrong(f"{where} without {name}", f"{name} = {table[name]!r}")

    def _table(self, content: Mapping[str, Any], name: str) -> dict[str, Any]:
        table = content.get(name, {})
        if not isinstance(table, dict):
            raise self._wrong(f"{name} to be a table", table)
        return table

    def _seeds(self, value: Any, what: str) -> list[int]:
        seeds = list(range(value)) if type(value) is int else value
        whole = isinstance(seeds, list) and all(type(one) is int and one >= 0 for one in seeds)
        if not whole or not seeds or len({*seeds}) < len(seeds):
            raise self._wrong(f"{what} to be a number of seeds, or a list of them", value)
        return seeds

    def _texts(self, value: Any, what: str) -> list[str]:
        values = value if isinstance(value, list) and value else [value]
        return [self._text(one, what) for one in values]

    def _text(self, value: Any, what: str) -> str:
        if not isinstance(value, str):
            raise self._wrong(f"{what} to be a name", value)
        return value

    def _wrong(self, expected: str, received: Any) -> ValueError:
        received = received if isinstance(received, str) else repr(received)
        return ValueError(f"Expected {expected} in {self.path}. Received: {received}.")


def _flags(settings: Mapping[str, Any]) -> list[str]:
    """Return settings as flags of a command line."""
    flags = []
    for name, value in settings.items():
        if value is True:
            flags.append(f"--{name}")
        elif value is False:
            flags.append(f"--no-{name}")
        else:
            values = value if isinstance(value, list) else [value]
            flags += [f"--{name}", *(str(one) for one in values)]
    return flags


def _called(dataset: str) -> str:
    path = pathlib.Path(dataset)
    return path.resolve().name if path.is_dir() else dataset.replace("/", "-")
