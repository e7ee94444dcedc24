"""What docstrings take for granted in examples: `np`, `tf`, `keras`, and a folder to write to."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import pytest


@pytest.fixture(autouse=True)
def _surroundings_of_an_example(request, doctest_namespace):
    if isinstance(request.node, pytest.DoctestItem):
        import keras
        import numpy as np
        import tensorflow as tf

        doctest_namespace.update(np=np, tf=tf, keras=keras)
        request.getfixturevalue("monkeypatch").chdir(request.getfixturevalue("tmp_path"))
