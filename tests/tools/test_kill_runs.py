import itertools
import json
import pathlib
import subprocess
import sys

import pytest

from tools.trials import damage, outcomes

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRIALS = {
    "kills --method erm": 1,
    "damage --after vae": 1,
    "processes": 1,
    "inputs": 5,
}
# TensorFlow is imported once for all of them; they compute in forks.
CALLS = """
import json, sys
from tools import kill_runs
for words in json.loads(sys.argv[1]):
    sys.argv = ["tools/kill_runs.py", *words]
    try:
        kill_runs.main()
    except SystemExit as end:
        if end.code:
            raise
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="forks, and reads /proc")
def test_some_trials_of_each_kind(tmp_path):
    files = [tmp_path / f"{words.split()[0]}.json" for words in TRIALS]
    calls = [
        [*words.split(), "--count", str(count), "--json", str(file)]
        for (words, count), file in zip(TRIALS.items(), files, strict=True)
    ]
    command = [sys.executable, "-c", CALLS, json.dumps(calls)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    for count, file in zip(TRIALS.values(), files, strict=True):
        kept = json.loads(file.read_text())
        assert kept["trials"] >= count
        assert kept["failures"] == 0
        assert sum(row["trials"] for row in kept["rows"]) == kept["trials"]


def test_files_that_could_stand_in_for_each_other_are_damaged_apart():
    names = [f"checkpoints/vae-{step:012}.0123456789abcdef.npz" for step in (20, 40)]
    names += ["config.json", "checkpoints/config.0123456789abcdef.json", "vae.keras", "a", "b"]
    trials = list(itertools.product(names, damage.WAYS))
    groups = damage.apart(trials)
    assert sorted(itertools.chain(*groups)) == sorted(trials)
    for group in groups:
        files = {file for file, _ in group}
        assert len(files) == len(group) <= 5
        assert not {names[0], names[1]} <= files
        assert not {names[2], names[3]} <= files
    assert len(groups) < len(trials) / 2


def test_each_way_changes_a_file():
    content = bytes(range(1, 256)) * 40
    for name, change in damage.WAYS.items():
        assert change(content) != content, name


def test_one_line_is_a_line_of_the_program_and_no_traceback():
    line = "train.py: error: Expected a file. Received: none.\n"
    assert outcomes.one_line(f"failed call: UNKNOWN ERROR: error: 303\n{line}") is None
    assert outcomes.one_line(line * 2).startswith("2 lines")
    assert outcomes.one_line("").startswith("0 lines")
    assert outcomes.one_line(f"Traceback (most recent call last):\n{line}").startswith(
        "a traceback"
    )
