"""Streaming Keras metrics, and the calibration figures of finished logits."""

from .active_units import ActiveUnits
from .binning import calibration_bins
from .brier_score import BrierScore
from .expected_calibration_error import ExpectedCalibrationError
from .overconfidence_error import OverconfidenceError
from .signed_calibration_gap import SignedCalibrationGap
from .summary import classification_summary

__all__ = [
    "ActiveUnits",
    "BrierScore",
    "ExpectedCalibrationError",
    "OverconfidenceError",
    "SignedCalibrationGap",
    "calibration_bins",
    "classification_summary",
]
