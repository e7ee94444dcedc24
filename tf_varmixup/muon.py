"""Stochastic gradient descent whose steps for convolutions are orthogonalized."""

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from tf_varmixup.checks import check_count, check_positive, check_share

# Slope at zero, and what keeps the singular values between about 0.7 and 1.2: not a convergent
# iteration, but the one that needs the fewest steps to get there.
_A, _B, _C = 3.4445, -4.7750, 2.0315
_FEWEST = 16  # outputs of a convolution that is worth it
_NONE = np.zeros(())
# Layers whose outputs are as much larger as their inputs are.
_PASSING = ("Pooling", "Dropout", "ZeroPadding", "Cropping")


@keras.saving.register_keras_serializable(package="tf_varmixup")
class Muon(keras.optimizers.SGD):
    """Train convolutions by orthogonalized steps (Muon), all other weights by SGD.

    A few directions hold nearly all of a convolution's gradient. So its momentum, as a matrix with
    a column per output channel, is replaced by the nearest matrix with orthonormal columns: all
    directions are learned at one speed, in fewer steps (docs/performance.md).

    Keras' own `Muon` leaves convolutions to AdamW. This one takes every kernel of a convolution
    that has at least 16 output channels and no fewer inputs (kernel height times width times input
    channels) than outputs, and sets its norm back to the root of the number of outputs before each
    step, which changes nothing where a normalization follows and makes every step turn the kernel
    by the same angle. The head, offsets, scales and small or depthwise convolutions get the step of
    `keras.optimizers.SGD`. Do not use it where convolutions are not normalized, such as the last of
    each residual branch of a wide residual network.

    Args:
        learning_rate: Number or schedule, of the weights that SGD trains.
        kernel_rate: Positive number: the rate of the convolutions in units of `learning_rate`. A
            step at the rate r changes a kernel by about r times its norm.
        kernel_momentum: Momentum of the convolutions, in [0, 1); the published 0.6.
        newton_schulz_steps: Positive number of iterations that orthogonalize.
        **kwargs: As of `keras.optimizers.SGD`: `momentum`, `nesterov`, `weight_decay` and the rest.
            Kernels have a momentum of their own, and decay does nothing to them, since their norm
            is set.

    Raises:
        ValueError: If a number is out of bounds.

    Example:
        >>> model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(16, 3)])
        >>> model.compile(Muon(0.1), "mse")
        >>> before = model.layers[0].kernel.numpy()
        >>> history = model.fit(np.ones((4, 8, 8, 3)), np.ones((4, 6, 6, 16)), verbose=0)
        >>> bool(np.allclose(before, model.layers[0].kernel))
        False

    Source:
        Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024, and the
        training program of cifar10-airbench that came with it.
    """

    def __init__(
        self,
        learning_rate: Any = 0.01,
        kernel_rate: float = 1.0,
        kernel_momentum: float = 0.6,
        newton_schulz_steps: int = 3,
        **kwargs: Any,
    ) -> None:
        kwargs = {"momentum": 0.9, "nesterov": True, "name": "muon", **kwargs}
        super().__init__(learning_rate, **kwargs)
        self.kernel_rate = check_positive("kernel_rate", kernel_rate)
        self.kernel_momentum = check_share("kernel_momentum", kernel_momentum)
        self.newton_schulz_steps = check_count("newton_schulz_steps", newton_schulz_steps)

    def build(self, variables: Sequence[keras.Variable]) -> None:
        """Make the momenta, which the convolutions need also where SGD has none."""
        if self.built:
            return
        super().build(variables)
        if self.momentum == 0.0:
            self.momentums = self.add_optimizer_variables(variables, "momentum")

    def update_step(self, gradient: Any, variable: keras.Variable, learning_rate: Any) -> None:
        """Take the step of one variable: an orthogonal one for a kernel, SGD's for the others."""
        if not is_kernel(variable.shape):
            super().update_step(gradient, variable, learning_rate)
            return
        rate = ops.cast(learning_rate, variable.dtype) * self.kernel_rate
        gradient = ops.cast(gradient, variable.dtype)
        momentum = self.momentums[self._get_variable_index(variable)]
        self.assign(momentum, self.kernel_momentum * momentum + gradient)
        ahead = gradient + self.kernel_momentum * momentum if self.nesterov else momentum
        columns = ops.reshape(ahead, (-1, variable.shape[-1]))
        step = ops.reshape(orthogonalized(columns, self.newton_schulz_steps), variable.shape)
        norm = ops.maximum(ops.norm(ops.reshape(variable, (-1,))), 1e-7)
        self.assign(variable, variable * (math.sqrt(variable.shape[-1]) / norm) - rate * step)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments for Keras to save."""
        return {
            **super().get_config(),
            "kernel_rate": self.kernel_rate,
            "kernel_momentum": self.kernel_momentum,
            "newton_schulz_steps": self.newton_schulz_steps,
        }


def is_kernel(shape: tuple[int, ...]) -> bool:
    """Say whether a weight of this shape is a convolution whose steps are orthogonalized.

    Args:
        shape: Of the weight: `(height, width, inputs, outputs)` where it is a convolution's.

    Returns:
        True for at least 16 outputs and at least as many numbers for each output as outputs.

    Example:
        >>> is_kernel((3, 3, 32, 64)), is_kernel((2, 2, 3, 32)), is_kernel((64, 10))
        (True, False, False)
    """
    return len(shape) == 4 and _FEWEST <= shape[-1] <= math.prod(shape[:-1])


def check_normalized(network: keras.Model) -> None:
    """Raise ValueError if convolutions that Muon would train have no normalization after them.

    Only pooling and the like may stand between, whose outputs are as much larger as their inputs
    are. Offsets of a convolution are refused too: a normalization would take them away again.

    Args:
        network: A Keras model. What is not a graph of layers is judged by offsets alone.

    Raises:
        ValueError: The message names the first such layer.

    Example:
        >>> layer = keras.layers.Conv2D(16, 3, use_bias=False)
        >>> check_normalized(keras.Sequential([keras.Input((8, 8, 3)), layer]))
    """
    for layer in network._flatten_layers():
        if is_kernel(getattr(layer, "kernel", _NONE).shape) and (has := _instead(layer)):
            raise ValueError(
                "Expected a normalization, and so no offsets, after each convolution that the "
                f"optimizer Muon trains. Received: {network.name}, whose layer {layer.name} has "
                f"{has}. Train it by SGD."
            )


def _instead(convolution: keras.Layer) -> str | None:
    """Say what a convolution has in place of a normalization, or return None if it has one."""
    if getattr(convolution, "use_bias", False):
        return "offsets"
    if getattr(convolution, "activation", keras.activations.linear) != keras.activations.linear:
        return "an activation of its own"
    follower = _not_normalized(convolution)
    return follower and f"{follower} next"


def _not_normalized(layer: keras.Layer) -> str | None:
    """Return the name of a layer that takes a layer's outputs as large as they are, or None."""
    for follower in (node.operation for node in layer._outbound_nodes):
        kind = type(follower).__name__
        if "Normalization" in kind:
            continue
        if not any(word in kind for word in _PASSING):
            return follower.name
        if (found := _not_normalized(follower)) is not None:
            return found
    return None


def orthogonalized(matrix: Any, steps: int = 3) -> Any:
    """Bring the singular values of a matrix near 1 by Newton and Schulz's iteration.

    Args:
        matrix: Floating-point tensor `(M, N)`, M at least N.
        steps: Positive number of iterations.

    Returns:
        A `float32` tensor `(M, N)`, the left singular vectors times the right ones up to factors
        between about 0.7 and 1.2; singular values below a hundredth of the largest stay small.

    Example:
        >>> matrix = np.array([[3.0, 0.0], [0.0, 1.0], [0.0, 0.0]], "float32")
        >>> singular = np.linalg.svd(orthogonalized(matrix, steps=5))[1]
        >>> bool(np.all((0.65 < singular) & (singular < 1.25)))
        True
    """
    matrix = ops.cast(matrix, "float32")
    matrix = matrix / (ops.norm(matrix) + 1e-7)
    # Every iteration multiplies by a polynomial of the products of columns, so that only those, a
    # far smaller square matrix, need be iterated.
    products = ops.matmul(ops.transpose(matrix), matrix)
    identity = ops.eye(products.shape[0], dtype="float32")
    turned = identity
    for _ in range(steps):
        factor = _A * identity + _B * products + _C * ops.matmul(products, products)
        turned = ops.matmul(turned, factor)
        products = ops.matmul(products, ops.matmul(factor, factor))
    return ops.matmul(matrix, turned)
