"""The metrics as functions of sums over drawn images: one number per resample."""

from collections.abc import Callable

import numpy as np
import scipy.fft

from tf_varmixup.evaluation.drawn_images import CELLS, Drawn


def _mean(column: int) -> Callable[[Drawn], np.ndarray]:
    return lambda drawn: drawn.sums[:, column] / drawn.size


def _ece(drawn: Drawn) -> np.ndarray:
    _, confidence, correct = drawn.bins
    return np.abs(confidence - correct).sum(axis=1) / drawn.size


def _signed_gap(drawn: Drawn) -> np.ndarray:
    _, confidence, correct = drawn.bins
    return (confidence - correct).sum(axis=1) / drawn.size


def _overconfidence_error(drawn: Drawn) -> np.ndarray:
    count, confidence, correct = drawn.bins
    terms = confidence / _filled(count) * np.maximum(confidence - correct, 0.0)
    return terms.sum(axis=1) / drawn.size


def _underconfidence_error(drawn: Drawn) -> np.ndarray:
    count, confidence, correct = drawn.bins
    terms = correct / _filled(count) * np.maximum(correct - confidence, 0.0)
    return terms.sum(axis=1) / drawn.size


def _ece_l2(drawn: Drawn) -> np.ndarray:
    count, confidence, correct = drawn.bins
    return np.sqrt((np.square(confidence - correct) / _filled(count)).sum(axis=1) / drawn.size)


def _ece_max(drawn: Drawn) -> np.ndarray:
    count, confidence, correct = drawn.bins
    return (np.abs(confidence - correct) / _filled(count)).max(axis=1)


def _adaptive_ece(drawn: Drawn) -> np.ndarray:
    _, confidence, correct = drawn.equal_mass_bins
    return np.abs(confidence - correct).sum(axis=1) / drawn.size


def _debiased_calibration_error(drawn: Drawn) -> np.ndarray:
    count, confidence, correct = drawn.equal_mass_bins
    gap, accuracy = (confidence - correct) / _filled(count), correct / _filled(count)
    chance = accuracy * (1.0 - accuracy) / np.maximum(count - 1.0, 1.0)
    terms = np.where(count > 1.0, count * (np.square(gap) - chance), 0.0)
    return np.sqrt(np.maximum(terms.sum(axis=1) / drawn.size, 0.0))


def _classwise_ece(drawn: Drawn) -> np.ndarray:
    _, gap = drawn.class_bins
    return np.abs(gap).sum(axis=(1, 2)) / (drawn.size * gap.shape[1])


def _brier_reliability(drawn: Drawn) -> np.ndarray:
    count, gap = drawn.class_bins
    return (np.square(gap) / _filled(count)).sum(axis=(1, 2)) / drawn.size


def _brier_refinement(drawn: Drawn) -> np.ndarray:
    return _mean(2)(drawn) - _brier_reliability(drawn)


def _aurc(drawn: Drawn) -> np.ndarray:
    count, wrong, up_to, wrong_up_to = drawn.groups
    # Among n images before a group, e wrong, and j = 1 ... m of its own at the rate r, the error is
    # (e + r j) / (n + j) = r + (e - r n) / (n + j), whose sum has a difference of harmonic numbers.
    before = drawn.size - up_to
    wrong_before = wrong_up_to[:, -1:] - wrong_up_to
    harmonic = _harmonic_numbers(drawn.size)
    reciprocals = harmonic[(before + count).astype(np.int64)] - harmonic[before.astype(np.int64)]
    rate = wrong / _filled(count)
    total = wrong_up_to[:, -1] + ((wrong_before - rate * before) * reciprocals).sum(axis=1)
    return total / drawn.size


def _excess_aurc(drawn: Drawn) -> np.ndarray:
    wrong = drawn.groups[3][:, -1]
    harmonic = _harmonic_numbers(drawn.size)
    right = np.rint(drawn.size - wrong).astype(np.int64)
    best = wrong - right * (harmonic[-1] - harmonic[right])
    return _aurc(drawn) - best / drawn.size


def _auroc_of_errors(drawn: Drawn) -> np.ndarray:
    count, wrong, _, wrong_up_to = drawn.groups
    pairs = ((count - wrong) * (wrong_up_to - 0.5 * wrong)).sum(axis=1)
    total = wrong_up_to[:, -1]
    possible = total * (drawn.size - total)
    return np.where(possible > 0.0, pairs / _filled(possible), np.nan)


def _smooth_ece(drawn: Drawn) -> np.ndarray:
    nodes = drawn.counts @ drawn.images.gap_nodes
    nodes[:, 1:-1] /= 2.0
    spectrum = scipy.fft.dct(nodes, type=1)

    def integral(widths: np.ndarray, cells: int) -> np.ndarray:
        # What is damped by more than double precision is left at 0.
        kept = min(_frequencies(widths.min()), cells + 1)
        damping = -0.5 * np.square(np.pi * np.arange(kept))
        damped = np.zeros((len(spectrum), cells + 1))
        damped[:, :kept] = spectrum[:, :kept] * np.exp(damping * np.square(widths)[:, None])
        density = np.abs(scipy.fft.dct(damped, type=1, overwrite_x=True))
        return (density.sum(1) - (density[:, 0] + density[:, -1]) / 2.0) / cells

    # A coarse grid to find the width, which is then put right by the slope there and the fine grid.
    start = np.full(len(nodes), drawn.images.smooth_ece)
    cells = 512 * (1 + 4 * _frequencies(start[0] / 2.0) // 512)
    if cells >= CELLS:
        return _fixed_points(lambda widths: integral(widths, CELLS), start)
    widths = _fixed_points(lambda widths: integral(widths, cells), start)
    step = np.maximum(1e-4 * widths, 1e-8)
    slope = (integral(widths + step, cells) - integral(widths, cells)) / step - 1.0
    return widths - (integral(widths, CELLS) - widths) / slope


def _frequencies(width: float) -> int:
    """Return how many cosines a Gaussian of that width leaves above double precision."""
    return int(min(np.ceil(np.sqrt(80.0) / np.pi / max(width, 1e-9)), CELLS)) + 1


def _fixed_points(integral: Callable[[np.ndarray], np.ndarray], widths: np.ndarray) -> np.ndarray:
    """Find where widths and integrals, which shrink as widths grow, are equal.

    It is between any width and its integral, and found there by the Illinois algorithm.

    Source: Dowell and Jarratt 1971, "A modified regula falsi method for computing the root of an
    equation".
    """
    one, other = widths, integral(widths)
    at_one, at_other = other - one, integral(other) - other
    for _ in range(100):
        if (np.abs(at_other) < 1e-9).all():
            break
        step = at_other * (other - one) / np.where(at_other == at_one, 1.0, at_other - at_one)
        new = other - step
        at_new = integral(new) - new
        crossed = at_new * at_other < 0.0
        one, at_one = np.where(crossed, other, one), np.where(crossed, at_other, at_one / 2.0)
        other, at_other = new, at_new
    return other


def _filled(count: np.ndarray) -> np.ndarray:
    """Return counts with 1 for 0, of which the sums are 0."""
    return np.maximum(count, 1.0)


def _harmonic_numbers(last: int) -> np.ndarray:
    return np.cumsum(np.append(0.0, 1.0 / np.arange(1, last + 1)))


# Every entry of the list of metrics that has a form here, the costly ones too.
FORMS: dict[str, Callable[[Drawn], np.ndarray]] = {
    "accuracy": _mean(0),
    "nll": _mean(1),
    "brier": _mean(2),
    "ece": _ece,
    "signed_gap": _signed_gap,
    "overconfidence_error": _overconfidence_error,
    "underconfidence_error": _underconfidence_error,
    "ece_l2": _ece_l2,
    "ece_max": _ece_max,
    "adaptive_ece": _adaptive_ece,
    "debiased_calibration_error": _debiased_calibration_error,
    "smooth_ece": _smooth_ece,
    "classwise_ece": _classwise_ece,
    "brier_reliability": _brier_reliability,
    "brier_refinement": _brier_refinement,
    "aurc": _aurc,
    "excess_aurc": _excess_aurc,
    "auroc_of_errors": _auroc_of_errors,
}
