"""Runs whose files are damaged."""

import functools
import itertools
import os
import pathlib
import shutil
import signal
from collections.abc import Callable, Sequence

from tools.trials.campaign import METHODS, Campaign
from tools.trials.outcomes import has_said

WAYS: dict[str, Callable[[bytes], bytes | None]] = {
    "cut": lambda content: content[: len(content) // 2],
    "empty": lambda content: b"",
    "overwritten": lambda content: (
        content[: len(content) // 3]
        + b"\x00" * min(4000, len(content) // 3)
        + content[len(content) // 3 + min(4000, len(content) // 3) :]
    ),
    "foreign": lambda content: b"PK\x03\x04" + content[::-1],
    "gone": lambda content: None,
}


def damage(campaign: Campaign, moments: Sequence[str] = ("vae", "export")) -> None:
    """Damage each file of runs that were killed, in each way, some at a time, and resume."""
    name = "with an autoencoder"
    campaign.whole(name)
    for after in moments:
        stopped = _stopped(campaign, name, after)
        kept = campaign.folder / f"kept-{after}"
        shutil.copytree(stopped, kept)
        files = sorted(path.relative_to(kept) for path in kept.rglob("*") if path.is_file())
        trials: list[tuple[str, ...]] = [
            (os.fspath(file), way) for file, way in itertools.product(files, WAYS)
        ]
        for group in apart(campaign.random.sample(trials, campaign.count or len(trials))):
            folder = campaign.folder / "damaged"
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(kept, folder)
            for file, way in group:
                content = WAYS[way]((folder / file).read_bytes())
                if content is None:
                    (folder / file).unlink()
                else:
                    (folder / file).write_bytes(content)
            problem = campaign.finish(folder, name)
            for file, way in group:
                campaign.report(f"after {after}, {way}", f"after {after}: {file} {way}", problem)


def _stopped(campaign: Campaign, name: str, after: str) -> pathlib.Path:
    """Return the folder of a run that was killed after a stage."""
    folder = campaign.folder / "stopped"
    shutil.rmtree(folder, ignore_errors=True)
    child = campaign.run(folder, *METHODS[name])
    child.wait(functools.partial(has_said, child, after))
    if child.is_over():
        raise SystemExit(f"the run ended before it was killed: {child.text()}")
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    return folder


def apart(trials: Sequence[tuple[str, ...]], together: int = 5) -> list[list[tuple[str, ...]]]:
    """Put files to be damaged into groups, in none of which one could stand in for another."""
    groups: list[list[tuple[str, ...]]] = []
    for file, way in trials:
        kind = _kind(file)
        for group in groups:
            if len(group) < together and kind not in [_kind(other) for other, _ in group]:
                group.append((file, way))
                break
        else:
            groups.append([(file, way)])
    return groups


def _kind(file: str) -> str:
    """Return the same for all states of a training, and for the copies of the settings."""
    path = pathlib.Path(file)
    if path.parts[0] == "checkpoints" or path.name == "config.json":
        return path.name.partition(".")[0].partition("-")[0]
    return file
