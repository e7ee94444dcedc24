"""The entries of the list of metrics."""

from collections.abc import Callable
from typing import Any

from tf_varmixup.metrics import calibration, classwise, equal_mass, scores, selective
from tf_varmixup.metrics.measure import Measure
from tf_varmixup.metrics.predictions import Predictions
from tf_varmixup.metrics.smooth import smooth_ece

_Formula = Callable[[Predictions], float]


def _binned(formula: Callable[..., float], **options: Any) -> _Formula:
    return lambda given: formula(given.confidence, given.correct, given.num_bins, **options)


def _ranked(formula: Callable[..., float]) -> _Formula:
    return lambda given: formula(given.confidence, given.correct)


def _by_class(formula: Callable[..., float]) -> _Formula:
    return lambda given: formula(given.probabilities, given.labels, given.num_bins)


def _detail(
    name: str, title: str, unit: str, better: str, formula: _Formula, description: str
) -> Measure:
    return Measure(name, title, unit, better, formula, description, brief=False, detailed=True)


ENTRIES = (
    Measure(
        "accuracy",
        "Accuracy",
        "%",
        "higher",
        lambda given: scores.accuracy(given.logits, given.labels),
        "images classified correctly",
    ),
    Measure(
        "error",
        "Error",
        "%",
        "lower",
        None,
        "images classified wrongly",
        one_minus="accuracy",
    ),
    Measure(
        "nll",
        "NLL",
        "nats",
        "lower",
        lambda given: scores.nll(given.log_probabilities, given.labels),
        "negative log-likelihood of the true class, in nats",
    ),
    Measure(
        "brier",
        "Brier score",
        "",
        "lower",
        lambda given: scores.brier(given.probabilities, given.labels),
        "squared distance between probabilities and one-hot label",
        brief=False,
    ),
    Measure(
        "ece",
        "ECE",
        "%",
        "lower",
        _binned(calibration.ece),
        "expected calibration error",
    ),
    Measure(
        "signed_gap",
        "Signed gap",
        "%",
        "zero",
        _binned(calibration.signed_gap),
        "mean confidence minus accuracy; positive is overconfident",
        brief=False,
    ),
    Measure(
        "overconfidence_error",
        "Overconfidence error",
        "%",
        "lower",
        _binned(calibration.overconfidence_error),
        "confidence times its excess over accuracy",
        brief=False,
    ),
    Measure(
        "underconfidence_error",
        "Underconfidence error",
        "%",
        "lower",
        _binned(calibration.underconfidence_error),
        "accuracy times its excess over confidence",
        brief=False,
    ),
    _detail(
        "ece_l2",
        "ECE, root mean square",
        "%",
        "lower",
        _binned(calibration.ece, norm="l2"),
        "root of the mean squared calibration error of the bins",
    ),
    _detail(
        "ece_max",
        "ECE, maximum",
        "%",
        "lower",
        _binned(calibration.ece, norm="max"),
        "calibration error of the worst bin",
    ),
    _detail(
        "adaptive_ece",
        "Adaptive ECE",
        "%",
        "lower",
        _binned(equal_mass.adaptive_ece),
        "expected calibration error over bins of equally many images",
    ),
    _detail(
        "debiased_calibration_error",
        "Debiased calibration error",
        "%",
        "lower",
        _binned(equal_mass.debiased_calibration_error),
        "root mean square calibration error less what chance alone would give",
    ),
    _detail(
        "smooth_ece",
        "Smooth ECE",
        "%",
        "lower",
        _ranked(smooth_ece),
        "calibration error smoothed by a Gaussian as wide as itself, without bins",
    ),
    _detail(
        "classwise_ece",
        "Classwise ECE",
        "%",
        "lower",
        _by_class(classwise.classwise_ece),
        "expected calibration error of each class's probability, averaged over classes",
    ),
    _detail(
        "brier_reliability",
        "Brier score, reliability",
        "",
        "lower",
        _by_class(classwise.brier_reliability),
        "part of the Brier score that recalibration of each class could remove",
    ),
    _detail(
        "brier_refinement",
        "Brier score, refinement",
        "",
        "lower",
        _by_class(classwise.brier_refinement),
        "part of the Brier score that is left after recalibration of each class",
    ),
    _detail(
        "aurc",
        "AURC",
        "%",
        "lower",
        _ranked(selective.aurc),
        "mean error among the most confident images, over all coverages",
    ),
    _detail(
        "excess_aurc",
        "Excess AURC",
        "%",
        "lower",
        _ranked(selective.excess_aurc),
        "AURC above that of the best order of the same errors",
    ),
    _detail(
        "auroc_of_errors",
        "AUROC of errors",
        "%",
        "higher",
        _ranked(selective.auroc_of_errors),
        "probability that a correct prediction is more confident than a wrong one",
    ),
)
