import itertools
import json
import pathlib
import subprocess
import sys

import pytest

from tools.trials import damage, outcomes

PROGRAM = pathlib.Path(__file__).resolve().parents[2] / "tools" / "kill_runs.py"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="forks, and reads /proc")
@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("kills --method erm", 1),
        ("damage --after vae", 1),
        ("processes", 1),
        ("inputs", 5),
    ],
)
def test_some_trials_of_each_kind(tmp_path, words, count):
    command = [sys.executable, str(PROGRAM), *words.split()]
    command += ["--count", str(count), "--json", "kept.json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    kept = json.loads((tmp_path / "kept.json").read_text())
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
