"""The names of the package, without TensorFlow until something computes."""

import subprocess
import sys

import pytest

from tf_varmixup import corruptions

PROGRAM = """
import sys
import tf_varmixup.corruptions as corruptions
from tf_varmixup.corruptions import BENCHMARK, CORRUPTIONS, SEVERITIES, VALIDATION
assert set(corruptions.__all__) <= set(dir(corruptions))
slow = {"tensorflow", "keras", "scipy", "tensorflow_datasets", "matplotlib"} & set(sys.modules)
assert not slow, slow
"""


def test_names_are_there_without_tensorflow():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_name_is_found():
    for name in corruptions.__all__:
        assert getattr(corruptions, name) is not None, name
    assert corruptions.corrupt.__module__ == "tf_varmixup.corruptions.apply"


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'rain'"):
        corruptions.rain  # noqa: B018
