"""What is wrong with a command line is said before TensorFlow is imported."""

import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = """
import sys
try:
    import {module} as command
    command.main({arguments})
except SystemExit as stopped:
    print("status", stopped.code)
heavy = ("tensorflow", "keras", "numpy", "matplotlib", "scipy", "tensorflow_datasets")
print("imported", [name for name in heavy if name in sys.modules])
"""


@pytest.mark.parametrize(
    "module",
    [
        "train",
        "tf_varmixup.commands.corrupt",
        "tf_varmixup.commands.evaluate",
        "tf_varmixup.commands.predict",
        "tf_varmixup.commands.study",
    ],
)
@pytest.mark.parametrize(
    ("arguments", "status"), [(["--help"], 0), (["--datset", "digits"], 2), ([], 2)]
)
def test_help_and_bad_flags_import_nothing_heavy(module, arguments, status):
    program = PROGRAM.format(module=module, arguments=arguments)
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert f"status {status}\n" in done.stdout, done.stderr
    assert "imported []" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="needs the processor time of a child")
def test_help_takes_less_than_two_seconds_of_processor_time():
    process = subprocess.Popen(
        [sys.executable, "train.py", "--help"], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    assert used.ru_utime + used.ru_stime < 2.0
