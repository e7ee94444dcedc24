"""Names that are imported when they are first asked for."""

import subprocess
import sys
import types

import pytest

import tf_varmixup
from tf_varmixup import methods, run
from tf_varmixup.lazy import lazy_names


@pytest.fixture
def package(monkeypatch):
    module = types.ModuleType("a_package_of_names")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    module.__getattr__, module.__dir__ = lazy_names(
        module.__name__, {"JSONDecoder": "json.decoder", "nothing": "json.no_such_module"}
    )
    return module


def test_a_name_comes_from_its_home_and_is_kept(package):
    from json.decoder import JSONDecoder

    assert "JSONDecoder" not in vars(package)
    assert package.JSONDecoder is JSONDecoder
    assert vars(package)["JSONDecoder"] is JSONDecoder


def test_names_are_listed_before_they_are_imported(package):
    assert {"JSONDecoder", "nothing", "__name__"} <= set(dir(package))
    assert not hasattr(package, "other")
    with pytest.raises(AttributeError, match="'a_package_of_names' has no attribute 'other'"):
        _ = package.other


def test_a_home_that_is_missing_is_an_import_error(package):
    with pytest.raises(ModuleNotFoundError, match=r"json.no_such_module"):
        _ = package.nothing


@pytest.mark.parametrize("module", [tf_varmixup, methods, run], ids=lambda one: one.__name__)
def test_every_public_name_has_a_home(module):
    assert set(module.__all__) <= set(dir(module))
    for name in module.__all__:
        assert getattr(module, name) is not None, name


def test_the_library_itself_imports_no_tensorflow():
    program = (
        "import sys, tf_varmixup, tf_varmixup.methods, tf_varmixup.run.recipe;"
        "assert tf_varmixup.methods.method_signatures();"
        "print([name for name in ('tensorflow', 'keras', 'numpy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "[]\n"
