"""Metrics: Keras metrics that stream, those of collected predictions, and the list of all.

The formulas themselves are in `scores`, `calibration`, `classwise`, `equal_mass`, `smooth`,
`selective` and `out_of_distribution`.
"""

from tf_varmixup.metrics.binning import calibration_bins
from tf_varmixup.metrics.brier_refinement import BrierRefinement
from tf_varmixup.metrics.brier_reliability import BrierReliability
from tf_varmixup.metrics.brier_score import BrierScore
from tf_varmixup.metrics.classwise_calibration_error import ClasswiseCalibrationError
from tf_varmixup.metrics.expected_calibration_error import ExpectedCalibrationError
from tf_varmixup.metrics.frechet import frechet_distance
from tf_varmixup.metrics.measure import Measure
from tf_varmixup.metrics.measures import MEASURES, brief_measures, measure
from tf_varmixup.metrics.negative_log_likelihood import NegativeLogLikelihood
from tf_varmixup.metrics.out_of_distribution import ood_scores, ood_summary
from tf_varmixup.metrics.overconfidence_error import OverconfidenceError
from tf_varmixup.metrics.predictions import Predictions
from tf_varmixup.metrics.sections import metric_sections, section_title
from tf_varmixup.metrics.selective import risk_coverage
from tf_varmixup.metrics.signed_calibration_gap import SignedCalibrationGap
from tf_varmixup.metrics.summary import classification_summary
from tf_varmixup.metrics.underconfidence_error import UnderconfidenceError

__all__ = [
    "MEASURES",
    "BrierRefinement",
    "BrierReliability",
    "BrierScore",
    "ClasswiseCalibrationError",
    "ExpectedCalibrationError",
    "Measure",
    "NegativeLogLikelihood",
    "OverconfidenceError",
    "Predictions",
    "SignedCalibrationGap",
    "UnderconfidenceError",
    "brief_measures",
    "calibration_bins",
    "classification_summary",
    "frechet_distance",
    "measure",
    "metric_sections",
    "ood_scores",
    "ood_summary",
    "risk_coverage",
    "section_title",
]
