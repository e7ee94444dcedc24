"""Fixtures that every test may use."""

import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import pytest
import tensorflow as tf

# The harness explains what is not as it should be, as the tests themselves do.
pytest.register_assert_rewrite("tests.harness")

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Two logical CPUs, so that distribution is tested on any machine; this must precede TensorFlow's
# first operation.
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)


@pytest.fixture(scope="session")
def shared():
    """The folder of reference data, `TF_VARMIXUP_SHARED` or `../shared`; tests that need it are
    skipped where there is none."""
    folder = pathlib.Path(os.environ.get("TF_VARMIXUP_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no reference data in {folder}")
    return folder


@pytest.fixture(scope="session")
def tfds_dir(shared):
    """A prepared TFDS data folder with `cifar10` and `fashion_mnist`."""
    return shared / "tfds"
