"""What docstrings take for granted in examples: `np`, `tf`, `keras`, and a folder to write to.

And what the slow tests need not read.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import pytest


def pytest_ignore_collect(collection_path, config):
    """Pass over files without slow tests where only these are asked for."""
    if config.option.markexpr == "slow" and collection_path.suffix == ".py":
        return "mark.slow" not in collection_path.read_text(encoding="utf-8") or None
    return None


@pytest.fixture(autouse=True)
def _surroundings_of_an_example(request, doctest_namespace):
    if isinstance(request.node, pytest.DoctestItem):
        import keras
        import numpy as np
        import tensorflow as tf

        doctest_namespace.update(np=np, tf=tf, keras=keras)
        request.getfixturevalue("monkeypatch").chdir(request.getfixturevalue("tmp_path"))
