"""Calibration after training: temperature and vector scaling, and bins of reliability diagrams."""

from tf_varmixup.calibration.reliability import ReliabilityBins, reliability_bins
from tf_varmixup.calibration.temperature import fit_temperature
from tf_varmixup.calibration.vector_scaling import VectorScaling, fit_vector_scaling

__all__ = [
    "ReliabilityBins",
    "VectorScaling",
    "fit_temperature",
    "fit_vector_scaling",
    "reliability_bins",
]
