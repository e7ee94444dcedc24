"""Vector scaling: a scale and a bias per class, fitted on validation data after training."""

import dataclasses
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax

from tf_varmixup.calibration.temperature import check_finite_logits, fit_temperature


@dataclasses.dataclass(frozen=True)
class VectorScaling:
    """A scale and a bias for each class's logit.

    metrics.json has it as `as_fact` gives it, of which `VectorScaling(**fact)` makes one again.

    Attributes:
        scale: What the logit of each of the K classes is multiplied by.
        bias: What is added to it then.

    Example:
        >>> scaling = VectorScaling(scale=(0.5, 0.5), bias=(0.0, 1.0))
        >>> scaling([[2.0, 4.0]]).tolist()
        [[1.0, 3.0]]

    Source:
        Guo et al. 2017, arXiv:1706.04599, section 4.2.
    """

    scale: tuple[float, ...]
    bias: tuple[float, ...]

    def __post_init__(self) -> None:
        for name in ("scale", "bias"):
            numbers = tuple(map(float, getattr(self, name)))
            object.__setattr__(self, name, numbers)
            if not np.isfinite(numbers).all():
                raise ValueError(f"Expected {name} to be finite numbers. Received: {numbers}.")
        if len(self.scale) != len(self.bias):
            raise ValueError(
                "Expected scale and bias to have a number per class. "
                f"Received: {len(self.scale)} and {len(self.bias)}."
            )

    def __call__(self, logits: Any) -> np.ndarray:
        """Scale logits.

        Args:
            logits: Array `(N, K)`.

        Returns:
            An array `(N, K)` of the logits' type, or `float64` where they are integers.

        Raises:
            ValueError: If there are not K classes.
        """
        logits = np.asarray(logits)
        if logits.ndim != 2 or logits.shape[1] != len(self.scale):
            raise ValueError(
                f"Expected logits (N, {len(self.scale)}). Received: shape {logits.shape}."
            )
        scaled = logits * np.array(self.scale) + np.array(self.bias)
        return np.asarray(scaled, logits.dtype if logits.dtype.kind == "f" else None)

    def as_fact(self) -> dict[str, list[float]]:
        """Return the scales and biases as JSON has them."""
        return {"scale": list(self.scale), "bias": list(self.bias)}


def fit_vector_scaling(logits: Any, labels: Any) -> VectorScaling:
    """Fit the scales and biases that make the labels likeliest, from the temperature on.

    With z = logits / T at the fitted temperature T, the scales s / T and biases b minimize the mean
    of -log softmax(s z + b)[label] plus (|s - 1|^2 + |b|^2) / (2 N), by L-BFGS with the gradient in
    closed form. The second part is a standard normal prior of s - 1 and b. It counts as much as a
    few images would, and keeps the numbers finite where the first part alone has no minimum: where
    a class is missing among the labels, or all images can be told apart.

    The minimum starts from s = 1 and b = 0, so that the negative log-likelihood of these images is
    never above that of temperature scaling, nor above that of the logits as they are. Unlike a
    temperature it can change predictions. Fit on validation data, never on the test set or its
    corrupted copies.

    Args:
        logits: Array `(N, K)`, finite, of a validation split.
        labels: Integer array `(N,)` of class numbers.

    Returns:
        The `VectorScaling`.

    Raises:
        ValueError: If there are no logits, some are not finite, or the labels are not `(N,)` class
            numbers.

    Example:
        Both logits are the same, but three of four labels are class 0:

        >>> scaling = fit_vector_scaling(np.zeros((4000, 2)), [0, 0, 0, 1] * 1000)
        >>> scaled = scaling([[0.0, 0.0]])[0]
        >>> float(round(np.exp(scaled[0] - scaled[1]), 2))
        3.0

    Source:
        Guo et al. 2017, arXiv:1706.04599, section 4.2; the prior is ours.
    """
    logits, labels = check_finite_logits(logits, labels)
    temperature = fit_temperature(logits, labels)
    scaled = logits / temperature
    count, num_classes = scaled.shape
    rows = np.arange(count)

    def likelihood(numbers: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the mean negative log-likelihood and its gradient by the scaled logits."""
        log_probabilities = log_softmax(scaled * numbers[0] + numbers[1], axis=1)
        gradient = np.exp(log_probabilities)
        gradient[rows, labels] -= 1.0
        return -log_probabilities[rows, labels].mean(), gradient / count

    def objective(flat: np.ndarray) -> tuple[float, np.ndarray]:
        numbers = flat.reshape(2, num_classes)
        value, by_logits = likelihood(numbers)
        from_start = numbers - start
        gradient = np.stack([(by_logits * scaled).sum(axis=0), by_logits.sum(axis=0)])
        return (
            value + np.square(from_start).sum() / (2 * count),
            (gradient + from_start / count).ravel(),
        )

    start = np.stack([np.ones(num_classes), np.zeros(num_classes)])
    fit = minimize(
        objective,
        start.ravel(),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 1000, "ftol": 1e-13, "gtol": 1e-8},
    )
    found = fit.x.reshape(2, num_classes)
    if not likelihood(found)[0] <= likelihood(start)[0]:
        found = start
    return VectorScaling(tuple(found[0] / temperature), tuple(found[1]))
