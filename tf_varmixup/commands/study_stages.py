"""The stages of a study: shared autoencoders, runs, and what is measured of them afterwards."""

import dataclasses
import os
import pathlib
import shutil
import time
from collections.abc import Sequence
from typing import Any, TypeVar

from tf_varmixup.commands import outcomes
from tf_varmixup.commands.console import say
from tf_varmixup.commands.study_parts import Study, StudyAutoencoder, StudyEvaluation, StudyRun
from tf_varmixup.commands.study_process import last_line, launch
from tf_varmixup.run.run_state import finished_metrics, run_state

TRAIN = "tf_varmixup.commands.train"
AUTOENCODER = "tf_varmixup.commands.study_autoencoder"
EVALUATE = "tf_varmixup.commands.evaluate"

_One = TypeVar("_One")


@dataclasses.dataclass(frozen=True)
class Shard:
    """The share of a study that a machine makes.

    Example:
        >>> Shard(2, 3).part("abcdefg")
        ['b', 'e']
    """

    number: int
    of: int

    def part(self, runs: Sequence[_One]) -> list[_One]:
        """Return every `of`-th run from the `number`-th on."""
        return [*runs[self.number - 1 :: self.of]]


class StudyStages:
    """Makes what a study lacks, each part in a process of its own.

    Args:
        study: A `Study`.
        shard: The share to make.

    Attributes:
        failed: Names of what failed.
    """

    def __init__(self, study: Study, shard: Shard) -> None:
        self.study = study
        self.shard = shard
        self.mine = shard.part(study.runs)
        self.logs = study.output / "logs"
        self.failed: list[str] = []

    def carry_out(self) -> None:
        """Make autoencoders, then runs, then evaluations; a failure stops what needs it alone.

        Raises:
            KeyboardInterrupt: Where it is interrupted, once the running process has ended.
            OSError: If a folder cannot be written.
        """
        self.logs.mkdir(parents=True, exist_ok=True)
        missing = [run for run in self.mine if not _finished(run)]
        say(
            "study",
            f"{len(self.study.runs)} runs, {len(self.mine)} here, of which {len(missing)} are to "
            f"be made; what they print is in {self.logs}",
        )
        needed = dict.fromkeys(run.autoencoder for run in missing if run.autoencoder is not None)
        unmade = {one for one in needed if not _finished(one) and not self._make(one)}
        for run in missing:
            if run.autoencoder in unmade:
                self._fail(run.folder.name, "its autoencoder is missing")
            else:
                self._train(run)
        for evaluation in self.study.evaluations:
            if evaluation.run in self.mine and not _finished(evaluation):
                self._evaluate(evaluation)

    def _make(self, one: StudyAutoencoder) -> bool:
        """Train an autoencoder where no other process looks, and put it into its place whole.

        Every shard trains it that does not find it. Where they share a folder, the first to end has
        it, and the others take that one.
        """
        partial = one.folder.with_name(
            f"{one.folder.name}.shard-{self.shard.number}-of-{self.shard.of}"
        )
        try:
            run_state(partial, one.wanted)
        except ValueError as error:
            self._fail(one.folder.name, str(error))
            return False
        metrics = self._launch(AUTOENCODER, one.folder.name, one.flags, partial)
        if metrics is None:
            return False
        try:
            os.rename(partial, one.folder)
        except OSError as error:
            if not _finished(one):
                self._fail(one.folder.name, str(error))
                return False
            shutil.rmtree(partial)
        say("vae", f"{one.folder.name}: {outcomes.of_autoencoder(metrics['vae'])}")
        return True

    def _train(self, run: StudyRun) -> None:
        place = self.mine.index(run) + 1
        say(f"{place}/{len(self.mine)}", f"{run.folder.name} ...")
        begin = time.perf_counter()
        metrics = self._launch(TRAIN, run.folder.name, run.flags, run.folder)
        if metrics is not None:
            seconds = time.perf_counter() - begin
            say("", f"{outcomes.of_evaluation(metrics)}; {in_words(seconds)}{self._left(place)}")

    def _evaluate(self, evaluation: StudyEvaluation) -> None:
        name = f"{evaluation.run.folder.name}/{evaluation.name}"
        if not _finished(evaluation.run):
            self._fail(name, "its run is not finished")
            return
        say("evaluate", name)
        model, *flags = evaluation.flags
        log = name.replace("/", "-")
        self._launch(EVALUATE, log, [model, *flags], evaluation.folder, "--output")

    def _launch(
        self,
        module: str,
        name: str,
        flags: Sequence[str],
        folder: pathlib.Path,
        at: str = "--run_dir",
    ) -> dict[str, Any] | None:
        """Run a command unless its folder is finished, and return its metrics; None if it fails."""
        given = [*flags, at, str(folder)]
        if at == "--run_dir" and (folder / "config.json").exists():
            given.append("--resume")
        log = self.logs / f"{name}.log"
        metrics = finished_metrics(folder)
        if metrics is None:
            status = launch(module, given, log)
            metrics = finished_metrics(folder)
            if status != 0 or metrics is None:
                self._fail(name, f"{last_line(log, status)} (more in {log})")
                return None
        return metrics

    def _fail(self, name: str, reason: str) -> None:
        self.failed.append(name)
        say("failed", f"{name}: {reason}")

    def _left(self, place: int) -> str:
        """Say how long the rest will take, judged by runs of the same kind, or else by all."""
        rest = [run for run in self.mine[place:] if not _finished(run)]
        known = [(run, _seconds(run)) for run in self.study.runs if _finished(run)]
        if not rest:
            return ""
        total = 0.0
        for run in rest:
            same = [seconds for other, seconds in known if other.label == run.label]
            same = same or [seconds for _, seconds in known]
            total += sum(same) / len(same)
        return f", about {in_words(total)} left for {len(rest)} run{'s' * (len(rest) > 1)}"


def in_words(seconds: float) -> str:
    """Return a duration in the units that one would say.

    Example:
        >>> in_words(42.4), in_words(272), in_words(3 * 3600 + 125)
        ('42 s', '4 min 32 s', '3 h 2 min')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _finished(part: StudyAutoencoder | StudyRun | StudyEvaluation) -> bool:
    try:
        return run_state(part.folder, part.wanted) == "finished"
    except ValueError:  # another process put something there; the part itself will say what
        return False


def _seconds(run: StudyRun) -> float:
    metrics = finished_metrics(run.folder) or {}
    return float(sum(metrics.get("timing", {}).values()))
