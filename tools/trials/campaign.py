"""Trials in a folder, and what became of them."""

import collections
import os
import pathlib
import random
import sys
import time

from tools.trials.child import Child, start
from tools.trials.outcomes import differences, has_said, has_traceback, result

SHORT = [
    "--dataset",
    "digits",
    "--preset",
    "quick",
    "--epochs",
    "2",
    "--vae_epochs",
    "2",
    "--corruption_pictures",
    "20",
]
SHORT += ["--precision", "float32", "--checkpoint_minutes", "0.002"]
STAGES = ("data", "vae", "classifier", "evaluation", "export")  # those that others follow
METHODS = {
    "with an autoencoder": ["--method", "varmixup"],
    "without": ["--method", "augmix"],
    "in the tf.data graph": ["--method", "mixup", "--mix_in", "data"],
    "hidden layers": ["--method", "manifold_mixup"],
    "on two replicas": ["--method", "mixup", "--strategy", "mirrored"],
}
METHODS |= {
    name: ["--method", name]
    for name in (
        *("erm", "label_smoothing", "gaussian", "cutmix", "regmixup"),
        *("blur", "reconstruction", "mixup_reconstruction"),
        *("adversarial", "interpolated_adversarial", "adversarial_varmixup"),
        "varmixup+augmix",
    )
}


class Campaign:
    """Trials in a folder, and what became of them.

    Attributes:
        count: How many trials are wanted; 0 for all.
        random: What trials are drawn by.
        trials: How many there were of each kind.
        durations: Seconds of each uninterrupted run.
        stages: The stages that it went through.
    """

    def __init__(self, folder: pathlib.Path, count: int = 0, seed: int = 0) -> None:
        self.folder, self.count, self.random = folder, count, random.Random(seed)
        self.trials: collections.Counter[str] = collections.Counter()
        self.failed: list[dict[str, str]] = []
        self._number = 0
        self._whole: dict[str, dict[str, object]] = {}
        self.durations: dict[str, float] = {}
        self.stages: dict[str, list[str]] = {}

    def report(self, kind: str, what: str, problem: str | None) -> None:
        """Print a line about a trial, and count it among those of its kind."""
        self.trials[kind] += 1
        if problem:
            self.failed.append({"kind": kind, "trial": what, "problem": problem})
        print(f"{'FAILED' if problem else 'ok':6}  {what}{f': {problem}' if problem else ''}")
        sys.stdout.flush()

    def summary(self) -> dict[str, object]:
        """Return how many trials there were of each kind, and what failed."""
        failures = collections.Counter(one["kind"] for one in self.failed)
        rows = [
            {"kind": kind, "trials": trials, "failures": failures[kind]}
            for kind, trials in sorted(self.trials.items())
        ]
        total = {"trials": self.trials.total(), "failures": len(self.failed)}
        return {**total, "rows": rows, "failed": self.failed}

    def run(self, folder: pathlib.Path, *arguments: str) -> Child:
        """Begin a run in a folder."""
        self._number += 1
        arguments = (*SHORT, "--run_dir", os.fspath(folder), *arguments)
        return start(arguments, self.folder / f"output-{self._number}.txt")

    def whole(self, name: str) -> dict[str, object]:
        """Return the result of the uninterrupted run of a method."""
        if name not in self._whole:
            folder = self.folder / f"whole-{name.replace(' ', '-')}"
            begun = time.monotonic()
            child = self.run(folder, *METHODS[name])
            if child.wait() != 0:
                raise SystemExit(f"the uninterrupted run failed: {child.text()}")
            self.durations[name] = time.monotonic() - begun
            self.stages[name] = [stage for stage in STAGES if has_said(child, stage)]
            self._whole[name] = result(folder)
        return self._whole[name]

    def finish(self, folder: pathlib.Path, name: str) -> str | None:
        """Resume a run to its end; return what is wrong with it, or None."""
        child = self.run(folder, *METHODS[name], "--resume")
        status = child.wait()
        if status != 0 or has_traceback(child.text()):
            return f"status {status}: {child.text()[-600:]}"
        if different := differences(folder, self.whole(name)):
            return f"other {', '.join(different)}"
        return None

    def some(self, trials: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
        """Return as many trials as are wanted, at random."""
        if 0 < self.count < len(trials):
            return self.random.sample(trials, self.count)
        return trials
