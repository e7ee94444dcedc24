"""Calibration after training: the temperature, and the bins of a reliability diagram."""

from tf_varmixup.calibration.reliability import ReliabilityBins, reliability_bins
from tf_varmixup.calibration.temperature import fit_temperature

__all__ = ["ReliabilityBins", "fit_temperature", "reliability_bins"]
