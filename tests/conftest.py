"""Fixtures that every test may use."""

import gc
import importlib
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# What runs once is compiled for longer than it runs: XLA makes the same operations of it, fused as
# always, but in the simpler of its two ways, and LLVM leaves them as they are.
os.environ.setdefault(
    "XLA_FLAGS",
    "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true "
    "--xla_cpu_use_fusion_emitters=false",
)

import pytest

# The harness explains what is not as it should be, as the tests themselves do.
pytest.register_assert_rewrite("tests.harness")

ROOT = pathlib.Path(__file__).resolve().parent.parent

# What takes minutes begins first, so that no worker is left with it at the end.
LONG = (
    "test_train.py",
    "test_harness_methods.py",
    "test_harness_models.py",
    "test_docs.py",
    "test_harness.py",
    "test_examples.py",
)


@pytest.fixture(autouse=True)
def _half_precision_of_a_run_ends_with_its_test():
    """A run takes half precision by itself where the processor has it, for the whole process."""
    yield
    sys.modules["keras"].config.set_dtype_policy("float32")


def pytest_configure(config):
    """Prepare TensorFlow, but not in the process that only hands out the tests to workers."""
    if hasattr(config, "workerinput") or not getattr(config.option, "numprocesses", None):
        prepare_tensorflow()


def prepare_tensorflow():
    """Import what all tests import, and set up what they all need."""
    gc.disable()
    import tensorflow as tf
    from tensorflow.python.autograph.core import config as autograph
    from tensorflow.python.util import tf_stack

    from tf_varmixup.pipelines import without_autotuner

    importlib.import_module("tf_varmixup.data")
    keep_what_is_there()
    gc.set_threshold(50_000, 20, 50)
    gc.enable()
    # AutoGraph takes longer to rewrite a function than TensorFlow takes to trace it. What needs it,
    # Python's `if` on a tensor, fails here as it does in Keras' own steps, which go without. In the
    # processes that tests start it is at work.
    ours = map(autograph.DoNotConvert, ("tf_varmixup", "models", "callbacks"))
    autograph.CONVERSION_RULES = (*ours, *autograph.CONVERSION_RULES)
    # For each operation of a graph TensorFlow notes from where it was made, for its errors.
    here = tf_stack.extract_stack()
    tf_stack.extract_stack = lambda *_, **__: here
    # A graph that is run a few times is optimized for longer than it runs. In the processes that
    # tests start it is optimized.
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    # Two logical CPUs, so that distribution is tested on any machine; this must precede
    # TensorFlow's first operation.
    tf.config.set_logical_device_configuration(
        tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
    )
    # Keras' own pipelines of arrays have an autotuner, for which whoever deletes them may wait half
    # a minute: `pipelines.py` says why.
    tf.data.Dataset._apply_debug_options = without_autotuner


def keep_what_is_there():
    """Let collections of garbage, which look at everything again and again, pass over it."""
    gc.collect()
    gc.freeze()


def pytest_collection_finish():
    """Keep the tests that were collected, thousands of them."""
    keep_what_is_there()


def pytest_collection_modifyitems(items):
    """Put the files of `LONG` before all others; the order within a file stays."""

    def order(item):
        return LONG.index(item.path.name) if item.path.name in LONG else len(LONG)

    items.sort(key=order)


@pytest.fixture(scope="session")
def shared():
    """The folder of reference data, `TF_VARMIXUP_SHARED` or `../shared`; tests that need it are
    skipped where there is none."""
    folder = pathlib.Path(os.environ.get("TF_VARMIXUP_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no reference data in {folder}")
    return folder


@pytest.fixture
def small_resnet(monkeypatch):
    """ResNet-18 has an eighth of its channels, and one block of each kind."""
    module = sys.modules["models.resnet"]
    block, convolution = module._basic_block, module._normalized_convolution

    def narrow_stem(x, channels, kernel, strides, name):
        return convolution(x, 8 if name == "stem" else channels, kernel, strides, name)

    monkeypatch.setattr(module, "_normalized_convolution", narrow_stem)
    monkeypatch.setattr(
        module, "_basic_block", lambda x, channels, *rest: block(x, channels // 8, *rest)
    )
    monkeypatch.setitem(module.BLOCKS, 18, (1, 1, 1, 1))


@pytest.fixture(scope="session")
def published(tmp_path_factory):
    """A folder of the digits laid out as published ones, which takes no time: none is corrupted."""
    import numpy as np

    from tf_varmixup import data
    from tf_varmixup.corruptions import BENCHMARK, SEVERITIES

    folder, test = tmp_path_factory.mktemp("published"), data.load_data("digits").test
    np.save(folder / "labels.npy", np.tile(test.labels, len(SEVERITIES)))
    for name in BENCHMARK:
        np.save(folder / f"{name}.npy", np.tile(test.images, (len(SEVERITIES), 1, 1, 1)))
    return folder


@pytest.fixture(scope="session")
def tfds_dir(shared):
    """A prepared TFDS data folder with `cifar10` and `fashion_mnist`."""
    return shared / "tfds"
