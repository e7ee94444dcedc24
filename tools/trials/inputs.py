"""Runs that are given something wrong."""

import json
import os
import pathlib
import shutil
import traceback

from tools.trials.bad_inputs import bad_inputs
from tools.trials.campaign import Campaign
from tools.trials.outcomes import last_line, one_line


def inputs(campaign: Campaign) -> None:
    """Give what is wrong in one thing each; all are refused in a line with status 2."""
    listed = campaign.folder / "inputs.json"
    # In a process of its own: a process in which TensorFlow computed has no forks that can.
    if (pid := os.fork()) == 0:
        try:
            listed.write_text(json.dumps(list(bad_inputs(campaign.folder / "bad"))))
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    refused = campaign.folder / "refused"
    for words in campaign.some([tuple(words) for words in json.loads(listed.read_text())]):
        before = _contents(campaign.folder / "bad")
        child = campaign.run(refused, *words)
        status = child.wait()
        problem = one_line(child.text()) if status == 2 else f"status {status}"
        if refused.exists():
            problem = f"{problem or 'a folder was left'}: {os.listdir(refused)}"
            shutil.rmtree(refused)
        if _contents(campaign.folder / "bad") != before:
            problem = problem or "what it was given was changed"
        text = " ".join(words).replace(os.fspath(campaign.folder), "")
        campaign.report(words[0].split("=")[0], f"{text[-60:]}: {last_line(child)}", problem)


def _contents(folder: pathlib.Path) -> dict[pathlib.Path, int]:
    """Return what is in a folder, and when each file was changed."""
    # A folder's own time changes with a lock that comes and goes.
    return {path: 0 if path.is_dir() else path.lstat().st_mtime_ns for path in folder.rglob("*")}
