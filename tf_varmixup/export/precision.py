"""Let a classifier of half precision compute in float32."""

import contextlib
from collections.abc import Iterator

import keras

HALF = ("bfloat16", "float16")


@contextlib.contextmanager
def in_float32(model: keras.Model) -> Iterator[bool]:
    """Let all layers of a model compute in `float32` as long as this lasts.

    Weights are `float32` under a mixed policy, and stay the ones they are: what is traced meanwhile
    is the same network. What was traced before computes as it did.

    Args:
        model: A Keras model.

    Yields:
        Whether any of its layers would compute in another precision.

    Example:
        >>> model = keras.Sequential([keras.layers.Dense(2, dtype="mixed_bfloat16")])
        >>> with in_float32(model):
        ...     print(model(np.zeros((1, 3))).dtype)
        <dtype: 'float32'>
        >>> model(np.zeros((1, 3))).dtype
        tf.bfloat16
    """
    layers = [layer for layer in model._flatten_layers() if layer.compute_dtype in HALF]
    policies = [layer.dtype_policy for layer in layers]
    try:
        for layer in layers:
            layer.dtype_policy = "float32"
        yield bool(layers)
    finally:
        for layer, policy in zip(layers, policies, strict=True):
            layer.dtype_policy = policy
