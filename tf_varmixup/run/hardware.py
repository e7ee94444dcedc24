"""What the run has to run on: precision, distribution, and a description for the record."""

import importlib.metadata
import os
import pathlib
import platform

import tensorflow as tf


def dtype_policy(precision):
    """Choose the Keras dtype policy for a `--precision`.

    Args:
        precision: `"float32"`, `"bfloat16"`, `"float16"`, or `"auto"`: bfloat16 on a TPU, on GPUs
            of compute capability 8 or higher, and on processors with AVX512-BF16 or AMX; float32
            elsewhere.

    Returns:
        Name of a policy, such as `"mixed_bfloat16"`.

    Example:
        >>> keras.config.set_dtype_policy(dtype_policy("auto"))
    """
    if precision == "auto":
        precision = "bfloat16" if _has_bfloat16() else "float32"
    return precision if precision == "float32" else f"mixed_{precision}"


def distribution_strategy(name):
    """Create the `tf.distribute` strategy for a `--strategy`.

    Args:
        name: `"none"`, `"mirrored"` (all GPUs, or all logical CPUs where there is none),
            `"multi_worker"` (as `TF_CONFIG` says), `"tpu"`,
            or `"auto"`: mirrored with several GPUs, none otherwise.

    Returns:
        A `tf.distribute.Strategy`.

    Raises:
        ValueError: where there is no TPU.

    Example:
        >>> with distribution_strategy("auto").scope():
        ...     model = build()
    """
    gpus = tf.config.list_logical_devices("GPU")
    if name == "mirrored" or (name == "auto" and len(gpus) > 1):
        return tf.distribute.MirroredStrategy(gpus or tf.config.list_logical_devices("CPU"))
    if name == "multi_worker":
        return tf.distribute.MultiWorkerMirroredStrategy()
    if name == "tpu":
        if not tf.config.list_physical_devices("TPU") and "TPU_NAME" not in os.environ:
            raise ValueError("--strategy tpu: there is no TPU here.")
        resolver = tf.distribute.cluster_resolver.TPUClusterResolver()
        tf.config.experimental_connect_to_cluster(resolver)
        tf.tpu.experimental.initialize_tpu_system(resolver)
        return tf.distribute.TPUStrategy(resolver)
    return tf.distribute.get_strategy()


def environment(policy):
    """Describe machine and software, for `metrics.json`.

    Args:
        policy: name of the dtype policy.

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
        "python": platform.python_version(),
        **{package.replace("-", "_"): importlib.metadata.version(package) for package in packages},
    }


def _has_bfloat16():
    if tf.config.list_physical_devices("TPU"):
        return True
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        details = [tf.config.experimental.get_device_details(gpu) for gpu in gpus]
        return all(detail.get("compute_capability", (0, 0))[0] >= 8 for detail in details)
    return bool({"avx512_bf16", "amx_bf16"} & set(_processor_field("flags").split()))


def _processor():
    return _processor_field("model name") or platform.processor() or platform.machine()


def _processor_field(field):
    """Return a field of Linux' description of the first processor, an empty string elsewhere."""
    path = pathlib.Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return next(
        (line.split(":", 1)[1].strip() for line in lines if line.split(":")[0].strip() == field), ""
    )
