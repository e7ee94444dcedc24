import shutil
import subprocess
import sys
import zipfile

import pytest

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
    command = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(folder),
        str(source),
    ]
    finished = subprocess.run(command, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_wheel_installs_one_top_level_package(wheel):
    names = [name for name in wheel.namelist() if ".dist-info/" not in name]
    assert all(name.startswith(ROOM) for name in names), names
    assert {
        ROOM + "models/variational_autoencoder.py",
        ROOM + "callbacks/calibration.py",
        ROOM + "vicinity/varmixup.py",
    } <= set(names)
    assert ROOM + "report/report.html.j2" in names


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
