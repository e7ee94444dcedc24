"""The smooth calibration error, which needs no bins, in NumPy."""

import numpy as np
from scipy.fft import dct
from scipy.optimize import brentq

from tf_varmixup.metrics.calibration import check_confidence

# Cells of [0, 1]. A width of 0.01 is off by 1e-6 of itself.
_CELLS = 4096


def smooth_ece(confidence: np.ndarray, correct: np.ndarray) -> float:
    """Return the smooth expected calibration error.

    The gaps between confidence and outcome are spread over [0, 1] by a Gaussian that is reflected
    at both ends. The integral of the absolute value of their sum shrinks as the Gaussian widens;
    the error is where integral and width are equal. It changes little where a confidence does, and
    has no parameter.

    Args:
        confidence: Array `(N,)` in [0, 1], N at least 1.
        correct: Boolean array `(N,)`.

    Returns:
        A number in [0, 1].

    Raises:
        ValueError: If the shapes differ.

    Example:
        >>> round(smooth_ece(np.array([0.8, 0.8]), np.array([True, False])), 4)
        0.3

    Source:
        Blasiok and Nakkiran 2023, arXiv:2309.12236, definition 3.
    """
    check_confidence(confidence, correct)
    if np.isnan(confidence).any():
        return float("nan")
    spectrum = _spectrum(confidence, (confidence - correct) / len(confidence))
    damping = -0.5 * np.square(np.pi * np.arange(_CELLS + 1))

    def excess(width: float) -> float:
        density = np.abs(dct(spectrum * np.exp(damping * width**2), type=1))
        integral = (density.sum() - (density[0] + density[-1]) / 2.0) / _CELLS
        return float(integral) - width

    if excess(0.0) <= 0.0:
        return 0.0
    return 1.0 if excess(1.0) >= 0.0 else float(brentq(excess, 0.0, 1.0, xtol=1e-10))


def _spectrum(places: np.ndarray, masses: np.ndarray) -> np.ndarray:
    """Return the cosine coefficients of masses in [0, 1], `(_CELLS + 1,)`.

    Reflection at both ends is what cosines do by themselves: a reflected Gaussian multiplies the
    coefficient k by exp(-(pi k width)^2 / 2). Masses are shared between the two nearest nodes.
    """
    scaled = np.clip(places, 0.0, 1.0) * _CELLS
    lower = np.minimum(scaled.astype(np.int64), _CELLS - 1)
    above = scaled - lower
    nodes: np.ndarray = np.bincount(lower, masses * (1.0 - above), _CELLS + 1)
    nodes += np.bincount(lower + 1, masses * above, _CELLS + 1)
    # The transform counts inner nodes twice, those at the ends once.
    nodes[1:-1] /= 2.0
    return dct(nodes, type=1)
