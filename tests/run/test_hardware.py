import pytest
import tensorflow as tf

from tf_varmixup.run import (
    distribution_strategy,
    dtype_policy,
    environment,
    hardware,
    resolve_precision,
    resolve_strategy,
)


@pytest.mark.parametrize(
    ("precision", "policy"),
    [("float32", "float32"), ("bfloat16", "mixed_bfloat16"), ("float16", "mixed_float16")],
)
def test_policies(precision, policy):
    assert dtype_policy(precision) == policy


@pytest.mark.parametrize(
    ("flags", "policy"),
    [
        ("sse avx2", "float32"),
        ("avx2 avx512_bf16", "mixed_bfloat16"),
        ("amx_bf16", "mixed_bfloat16"),
    ],
)
def test_auto_takes_bfloat16_where_the_processor_has_it(monkeypatch, flags, policy):
    monkeypatch.setattr(
        hardware, "_processor_field", lambda field: flags if field == "flags" else ""
    )
    assert dtype_policy("auto") == policy
    assert resolve_precision("auto") == policy.removeprefix("mixed_")
    assert resolve_precision("float16") == "float16"


def test_strategies():
    assert distribution_strategy("none").num_replicas_in_sync == 1
    assert (
        distribution_strategy("mirrored").num_replicas_in_sync
        == len(tf.config.list_logical_devices("CPU"))
        == 2
    )
    with pytest.raises(ValueError, match=r"Expected a TPU for strategy 'tpu'. Received: none"):
        distribution_strategy("tpu")


def test_auto_is_mirrored_with_several_gpus_unless_the_host_mixes(monkeypatch):
    assert resolve_strategy("auto") == "none"
    assert resolve_strategy("mirrored") == "mirrored"
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind: ["GPU:0", "GPU:1"])
    assert resolve_strategy("auto") == "mirrored"
    assert resolve_strategy("auto", mix_in="data") == "none"
    assert resolve_strategy("none") == "none"


def test_environment_names_versions():
    found = environment("float32")
    assert found["tensorflow"] == tf.__version__
    assert found["precision"] == "float32"
    assert isinstance(found["cores"], int)
    assert found["processor"]
