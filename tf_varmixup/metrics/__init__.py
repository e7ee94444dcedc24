"""Metrics: Keras metrics that stream, those of collected predictions, and the list of all.

The formulas themselves are in `scores` and `calibration`.
"""

from tf_varmixup.metrics.binning import calibration_bins
from tf_varmixup.metrics.brier_score import BrierScore
from tf_varmixup.metrics.expected_calibration_error import ExpectedCalibrationError
from tf_varmixup.metrics.frechet import frechet_distance
from tf_varmixup.metrics.measure import Measure
from tf_varmixup.metrics.measures import MEASURES, brief_measures, measure
from tf_varmixup.metrics.overconfidence_error import OverconfidenceError
from tf_varmixup.metrics.predictions import Predictions
from tf_varmixup.metrics.sections import metric_sections, section_title
from tf_varmixup.metrics.signed_calibration_gap import SignedCalibrationGap
from tf_varmixup.metrics.summary import classification_summary

__all__ = [
    "MEASURES",
    "BrierScore",
    "ExpectedCalibrationError",
    "Measure",
    "OverconfidenceError",
    "Predictions",
    "SignedCalibrationGap",
    "brief_measures",
    "calibration_bins",
    "classification_summary",
    "frechet_distance",
    "measure",
    "metric_sections",
    "section_title",
]
