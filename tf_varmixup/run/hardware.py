"""The hardware of a run: its precision, its distribution, and a description for the record."""

import importlib.metadata
import os
import pathlib
import platform
from typing import Any

import tensorflow as tf

import tf_varmixup
from tf_varmixup.run.cluster import read_cluster

# Variables of the environment that change numbers in their last digits.
_VARIABLES = (
    "TF_DETERMINISTIC_OPS",
    "TF_CUDNN_DETERMINISTIC",
    "TF_ENABLE_ONEDNN_OPTS",
    "TF_XLA_FLAGS",
    "XLA_FLAGS",
    "NVIDIA_TF32_OVERRIDE",
    "OMP_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
)


def resolve_precision(precision: str) -> str:
    """Return a precision, "auto" decided by the hardware.

    Args:
        precision: `"float32"`, `"bfloat16"`, `"float16"`, or `"auto"`: bfloat16 on a TPU, on GPUs
            of compute capability 8 or higher, and on processors with AVX512-BF16 or AMX; float32
            elsewhere.

    Returns:
        `"float32"`, `"bfloat16"` or `"float16"`.

    Example:
        >>> resolve_precision("float32")
        'float32'
    """
    if precision == "auto":
        return "bfloat16" if _has_bfloat16() else "float32"
    return precision


def dtype_policy(precision: str) -> str:
    """Return the name of the Keras dtype policy for a precision, as of `resolve_precision`.

    Example:
        >>> dtype_policy("bfloat16")
        'mixed_bfloat16'
    """
    precision = resolve_precision(precision)
    return precision if precision == "float32" else f"mixed_{precision}"


def resolve_strategy(name: str, mix_in: str = "step") -> str:
    """Return the name of a strategy, "auto" decided by the hardware.

    Args:
        name: As of `distribution_strategy`, or `"auto"`: mirrored with several GPUs, none otherwise
            and where batches are mixed in the tf.data graph.
        mix_in: `"step"` or `"data"`.

    Returns:
        A name that `distribution_strategy` takes.

    Example:
        >>> resolve_strategy("none")
        'none'
    """
    if name != "auto":
        return name
    several = len(tf.config.list_logical_devices("GPU")) > 1 and mix_in == "step"
    return "mirrored" if several else "none"


def distribution_strategy(name: str) -> tf.distribute.Strategy:
    """Create a `tf.distribute` strategy.

    Args:
        name: `"none"`, `"mirrored"` (all GPUs, or all logical CPUs where there is none),
            `"multi_worker"` (as `TF_CONFIG` says; before anything else in TensorFlow) or `"tpu"`.

    Returns:
        A `tf.distribute.Strategy`.

    Raises:
        ValueError: If there is no TPU, or no cluster of workers that can be reached.

    Example:
        >>> distribution_strategy("none").num_replicas_in_sync
        1
    """
    if name == "mirrored":
        gpus = tf.config.list_logical_devices("GPU")
        return tf.distribute.MirroredStrategy(gpus or tf.config.list_logical_devices("CPU"))
    if name == "multi_worker":
        return _multi_worker()
    if name == "tpu":
        if not tf.config.list_physical_devices("TPU") and "TPU_NAME" not in os.environ:
            raise ValueError("Expected a TPU for strategy 'tpu'. Received: none on this machine.")
        resolver = tf.distribute.cluster_resolver.TPUClusterResolver()
        tf.config.experimental_connect_to_cluster(resolver)
        tf.tpu.experimental.initialize_tpu_system(resolver)
        return tf.distribute.TPUStrategy(resolver)
    return tf.distribute.get_strategy()


def _multi_worker() -> tf.distribute.Strategy:
    cluster = read_cluster()
    here = f"{cluster.workers[cluster.index]}, worker {cluster.index} of {len(cluster.workers)}"
    try:
        return tf.distribute.MultiWorkerMirroredStrategy()
    except (RuntimeError, tf.errors.OpError) as error:
        reason = " ".join(str(error).split())[:300]
        raise ValueError(
            f"Expected a cluster of workers, made before anything else in TensorFlow. Received: at "
            f"{here}: {reason}"
        ) from error


def environment(policy: str) -> dict[str, Any]:
    """Describe machine and software, and settings that change numbers, for `metrics.json`.

    Args:
        policy: Name of the dtype policy.

    Returns:
        A dict of strings and numbers.

    Example:
        >>> environment("float32")["precision"]
        'float32'
    """
    packages = ("tensorflow", "keras", "tensorflow-probability", "tensorflow-datasets", "numpy")
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "accelerators": [
            device.name
            for device in tf.config.list_physical_devices()
            if device.device_type != "CPU"
        ],
        "precision": policy,
        **{name.lower(): os.environ[name] for name in _VARIABLES if name in os.environ},
        "tf_varmixup": tf_varmixup.__version__,
        "python": platform.python_version(),
        **{package.replace("-", "_"): importlib.metadata.version(package) for package in packages},
    }


def _has_bfloat16() -> bool:
    if tf.config.list_physical_devices("TPU"):
        return True
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        details = [tf.config.experimental.get_device_details(gpu) for gpu in gpus]
        return all(detail.get("compute_capability", (0, 0))[0] >= 8 for detail in details)
    return bool({"avx512_bf16", "amx_bf16"} & set(_processor_field("flags").split()))


def _processor() -> str:
    return _processor_field("model name") or platform.processor() or platform.machine()


def _processor_field(field: str) -> str:
    """Return a field of Linux' description of the first processor, or an empty string elsewhere."""
    path = pathlib.Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return next(
        (line.split(":", 1)[1].strip() for line in lines if line.split(":")[0].strip() == field), ""
    )
