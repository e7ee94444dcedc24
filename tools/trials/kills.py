"""Runs that are stopped at random moments."""

import functools
import itertools
import os
import pathlib
import shutil
import signal
import time
from collections.abc import Sequence

from tools.trials.campaign import METHODS, Campaign
from tools.trials.outcomes import differences, has_said, is_past, one_line, wrong_stop


def kills(campaign: Campaign, methods: Sequence[str] = tuple(METHODS)) -> None:
    """Stop runs at random moments of random stages, some of them twice; the methods take turns."""
    count = campaign.count or 50
    turns = itertools.cycle(campaign.random.sample(methods, len(methods)))
    while campaign.trials.total() < count:
        name = next(turns)
        campaign.whole(name)
        folder = campaign.folder / "killed"
        shutil.rmtree(folder, ignore_errors=True)
        stops, problem = [], None
        for again in range(campaign.random.choice((1, 1, 2))):
            kind = campaign.random.choice((signal.SIGKILL, signal.SIGTERM, signal.SIGINT))
            after = campaign.random.choice(["start", *campaign.stages[name]])
            pause = campaign.random.random() * campaign.durations[name] / 4
            child = campaign.run(folder, *METHODS[name], *["--resume"][:again])
            child.wait(functools.partial(has_said, child, after))
            child.wait(functools.partial(is_past, time.monotonic() + pause))
            if child.is_over():
                if child.status != 0:
                    problem = problem or f"status {child.status}: {child.text()[-600:]}"
                break
            os.kill(child.pid, kind)
            child.wait()
            stops.append(f"{kind.name} {pause:.1f} s after {after}")
            problem = problem or wrong_stop(child, kind)
        if stops or problem:
            text = f"{campaign.trials.total() + 1}: {name}, {', '.join(stops)}"
            campaign.report(name, text, problem or _become(campaign, folder, name))


def _become(campaign: Campaign, folder: pathlib.Path, name: str) -> str | None:
    """Resume a run that was stopped; return what is wrong with what becomes of it, or None."""
    if not (folder / "metrics.json").exists():
        return campaign.finish(folder, name)
    child = campaign.run(folder, *METHODS[name], "--resume")  # which cleans up
    if child.wait() != 2 or (problem := one_line(child.text())):
        return problem or f"status {child.status} of a finished run"
    return ", ".join(differences(folder, campaign.whole(name))) or None
