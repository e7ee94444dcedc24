"""What became of a run, and what is wrong with it."""

import json
import pathlib
import signal
import time
import zipfile

from tools.trials.child import Child


def result(folder: pathlib.Path) -> dict[str, object]:
    """Return all that a finished run must have in common with the uninterrupted one."""
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    found: dict[str, object] = {
        name: value for name, value in metrics.items() if name not in ("timing", "environment")
    }
    for name in ("classifier.keras", "vae.keras"):
        if (folder / name).exists():
            with zipfile.ZipFile(folder / name) as archive:
                found[name] = archive.read("model.weights.h5")
    for name in ("corruptions.csv", "history.csv"):
        found[name] = (folder / name).read_bytes()
    found["files"] = sorted(path.name for path in folder.iterdir())
    return found


def differences(folder: pathlib.Path, expected: dict[str, object]) -> list[str]:
    """Return the names of what differs between a finished run and the uninterrupted one."""
    found = result(folder)
    names = found.keys() | expected.keys()
    return sorted(name for name in names if found.get(name) != expected.get(name))


def has_said(child: Child, stage: str) -> bool:
    """Return whether a run is past a stage; "start" is where signals end it as they should."""
    if stage == "start":
        with open(f"/proc/{child.pid}/status", encoding="utf-8") as file:
            caught = next((int(line.split()[1], 16) for line in file if line[:7] == "SigCgt:"), 0)
        return bool(caught & 1 << signal.SIGTERM - 1)
    return f"{stage:>10}  " in child.text()


def is_past(moment: float) -> bool:
    """Return whether a moment of the monotonic clock has come."""
    return time.monotonic() > moment


def last_line(child: Child) -> str:
    """Return the end of what a run printed."""
    return (child.text().splitlines() or [""])[-1][:150]


def has_traceback(text: str) -> bool:
    """Return whether a run printed a traceback."""
    return "Traceback" in text or "Exception ignored" in text


def wrong_stop(child: Child, kind: signal.Signals) -> str | None:
    """Return what is wrong with how a run ended that was sent a signal, or None."""
    # It may have been over by then.
    expected = (-kind, 0) if kind == signal.SIGKILL else (130, 0)
    if child.status not in expected or has_traceback(child.text()):
        return f"status {child.status} by {kind.name}: {child.text()[-600:]}"
    if child.status == 130 and child.text().count("interrupted; ") != 1:
        return f"not a line by {kind.name}: {child.text()[-600:]}"
    return None


def one_line(text: str) -> str | None:
    """Return what is wrong with the output of a run that was refused or stopped, or None."""
    if has_traceback(text):
        return f"a traceback: {text[-600:]}"
    # What TensorFlow says about a machine without a GPU is no line of ours.
    lines = [line for line in text.splitlines() if line.startswith("train.py: error: ")]
    return None if len(lines) == 1 else f"{len(lines)} lines: {text[-300:]}"
