import pathlib
import subprocess
import sys
import zipfile

import keras
import numpy as np
import pytest

from tf_varmixup import loading

ROOT = pathlib.Path(__file__).resolve().parent.parent
VARMIXUP = ROOT / "tests" / "assets" / "version_0_1" / "varmixup.keras"


@pytest.mark.slow
def test_a_fresh_process_needs_one_import():
    code = (
        "import sys\n"
        "from tf_varmixup import load_model\n"
        "assert 'models' not in sys.modules\n"
        "print(type(load_model(sys.argv[1]).method).__name__)"
    )
    command = [sys.executable, "-c", code, str(VARMIXUP)]
    finished = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.split() == ["VarMixup"]


def test_a_model_of_anybodys_loads_compiled_or_not(tmp_path):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile("sgd", "mse")
    model.save(tmp_path / "model.keras")
    loaded = loading.load_model(str(tmp_path / "model.keras"))
    np.testing.assert_array_equal(loaded(np.ones((1, 3))), model(np.ones((1, 3))))
    assert getattr(loaded, "optimizer", None) is not None
    assert not loading.load_model(tmp_path / "model.keras", compile=False).compiled


@keras.saving.register_keras_serializable(package="somebody")
class Unregistered(keras.layers.Layer):
    """A layer whose class is taken out of Keras' register again."""

    def call(self, inputs):
        """Return the inputs."""
        return inputs


def damaged(kind, folder):
    path = folder / "model.keras"
    content = VARMIXUP.read_bytes()
    if kind == "in the middle":
        middle = len(content) // 2
        path.write_bytes(content[:middle] + b"?" * 64 + content[middle + 64 :])
    elif kind == "another archive":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("page.txt", "words")
    elif kind == "no configuration":
        with zipfile.ZipFile(VARMIXUP) as source, zipfile.ZipFile(path, "w") as archive:
            for name in source.namelist():
                archive.writestr(name, b"{" if name == "config.json" else source.read(name))
    elif kind == "a folder":
        path.mkdir()
    else:
        path.write_bytes(
            {"empty": b"", "cut off": content[:-2000], "text": b"epoch,loss\n1,2\n"}[kind]
        )
    return path


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("empty", "which is empty"),
        ("cut off", "of another kind or was cut off"),
        ("text", "of another kind or was cut off"),
        ("in the middle", "that can be loaded"),
        ("another archive", "that can be loaded"),
        ("no configuration", "that can be loaded"),
        ("a folder", "Expected a file ending in .keras"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_in_one_line(kind, message, tmp_path):
    path = damaged(kind, tmp_path)
    with pytest.raises(ValueError, match=message) as error:
        loading.load_model(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_file_and_another_ending_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"Received: .*none.keras, which does not exist"):
        loading.load_model(tmp_path / "none.keras")
    (tmp_path / "model.h5").write_bytes(b"words")
    with pytest.raises(ValueError, match=r"ending in .keras. Received: .*model.h5"):
        loading.load_model(tmp_path / "model.h5")


def test_a_class_that_nobody_imported_is_named(tmp_path):
    keras.Sequential([keras.Input((3,)), Unregistered()]).save(tmp_path / "model.keras")
    registered = keras.saving.get_custom_objects()
    kept = registered.pop("somebody>Unregistered")
    name, Unregistered.__module__ = Unregistered.__module__, "nowhere"
    try:
        with pytest.raises(ValueError, match="Unregistered") as error:
            loading.load_model(tmp_path / "model.keras")
    finally:
        registered["somebody>Unregistered"] = kept
        Unregistered.__module__ = name
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 600


def test_a_package_of_another_with_the_same_name_is_refused(tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "__init__.py").write_text("")
    for name in [name for name in sys.modules if name.split(".")[0] == "models"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ImportError, match=r"Expected the package models in .*Received: .*models"):
        loading.sibling("models")


def test_the_siblings_are_found():
    assert loading.sibling("models").__file__ == str(ROOT / "models" / "__init__.py")
    assert loading.sibling("callbacks").__file__ == str(ROOT / "callbacks" / "__init__.py")
