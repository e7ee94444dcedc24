"""Runs on file systems that are too small."""

import contextlib
import pathlib
import shutil
import subprocess
from collections.abc import Callable, Iterator

from tools.trials.campaign import METHODS, STAGES, Campaign
from tools.trials.outcomes import differences, has_said, last_line, one_line


def disk(campaign: Campaign) -> None:
    """Run in file systems that are too small, and again once there is space."""
    name = "with an autoencoder"
    campaign.whole(name)
    most = _most_kilobytes(campaign, name)
    count = campaign.count or 20
    for number in range(count):
        kilobytes = int(16 + (most - 16) * number / count)
        with _small_disk(campaign.folder / "disk", kilobytes) as (disk, enlarge):
            folder = disk / "run"
            child = campaign.run(folder, *METHODS[name])
            status, text = child.wait(), child.text()
            enlarge()
            if status == 0:
                problem = ", ".join(differences(folder, campaign.whole(name))) or None
            elif status in (1, 2):
                problem = one_line(text) or campaign.finish(folder, name)
            else:
                problem = f"status {status}: {text[-600:]}"
        done = [stage for stage in STAGES if has_said(child, stage)]
        kind = f"full after {done[-1]}" if done else "full at the start"
        kind = kind if status else "enough"
        campaign.report(kind, f"{kilobytes} KB, {kind}: {last_line(child)}", problem)


def _most_kilobytes(campaign: Campaign, name: str) -> int:
    """Return how much a run needs at any time."""
    with _small_disk(campaign.folder / "disk", 200_000) as (disk, _):
        used: set[int] = set()
        child = campaign.run(disk / "run", *METHODS[name])

        def noted() -> bool:
            used.add(shutil.disk_usage(disk).used // 1024)
            return False

        child.wait(noted)
        if child.status != 0:
            raise SystemExit(f"the run on a large disk failed: {child.text()}")
        return max(used)


@contextlib.contextmanager
def _small_disk(
    folder: pathlib.Path, kilobytes: int
) -> Iterator[tuple[pathlib.Path, Callable[[], None]]]:
    """Mount a file system in memory, which can be enlarged."""
    folder.mkdir(exist_ok=True)

    def mount(options: str) -> None:
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", folder], check=True)

    mount(f"size={kilobytes}k")
    try:
        yield folder, lambda: mount("remount,size=200m")
    finally:
        subprocess.run(["umount", folder], check=True)
