import configparser
import shutil
import subprocess
import sys
import zipfile

import pytest

import tf_varmixup

ROOM = "tf_varmixup/"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory, request):
    """The wheel built from this checkout; its tools are the virtual environment's own, so that no
    network is needed."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    # A build leaves its traces in the source tree, so it gets a copy.
    kept = shutil.ignore_patterns(".*", "runs", "tests", "build", "*.egg-info", "__pycache__")
    shutil.copytree(request.config.rootpath, source, ignore=kept)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation"]
    finished = subprocess.run(
        [*command, "--outdir", str(folder), str(source)], capture_output=True, text=True
    )
    assert finished.returncode == 0, finished.stderr
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def metadata_file(wheel, name):
    return wheel.read(
        next(path for path in wheel.namelist() if path.endswith(f".dist-info/{name}"))
    ).decode()


def test_wheel_installs_one_top_level_package(wheel):
    names = [name for name in wheel.namelist() if ".dist-info/" not in name]
    assert all(name.startswith(ROOM) for name in names), names


def test_wheel_has_every_module_of_the_checkout(wheel, request):
    root = request.config.rootpath
    modules = {
        prefix + path.relative_to(root).as_posix()
        for room, prefix in (("tf_varmixup", ""), ("models", ROOM), ("callbacks", ROOM))
        for path in (root / room).rglob("*.py")
    }
    assert len(modules) > 100
    assert modules <= set(wheel.namelist())


def test_wheel_has_what_is_no_module(wheel):
    rooms = ("", "models/", "callbacks/")
    expected = {f"{ROOM}{room}py.typed" for room in rooms} | {ROOM + "report/report.html.j2"}
    assert expected <= set(wheel.namelist())


def test_wheel_has_the_version_of_the_package(wheel):
    assert f"\nVersion: {tf_varmixup.__version__}\n" in metadata_file(wheel, "METADATA")


def test_wheel_has_commands_that_answer_for_help(wheel, tmp_path):
    wheel.extractall(tmp_path)
    entries = configparser.ConfigParser()
    entries.read_string(metadata_file(wheel, "entry_points.txt"))
    assert {"varmixup-train", "varmixup-corrupt"} <= set(entries["console_scripts"])
    for target in entries["console_scripts"].values():
        module, function = target.split(":")
        program = f"from {module} import {function}; {function}(['--help'])"
        finished = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path
        )
        assert finished.returncode == 0, finished.stderr
        assert finished.stdout.startswith("usage: ")


@pytest.mark.slow
def test_wheel_serves_models_and_callbacks_without_the_checkout(wheel, tmp_path):
    wheel.extractall(tmp_path)
    program = (
        "from tf_varmixup.models import VariationalAutoencoder, classifier_builder\n"
        "from tf_varmixup.callbacks import CalibrationCallback\n"
        "from tf_varmixup import VarMixup, VicinalClassifier\n"
        "import tf_varmixup; print(tf_varmixup.__file__)\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.startswith(str(tmp_path))
