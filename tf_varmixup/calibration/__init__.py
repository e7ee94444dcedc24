"""What is fitted or drawn after training: the temperature and the reliability diagram."""

from .reliability import ReliabilityBins, reliability_bins
from .temperature import fit_temperature

__all__ = ["ReliabilityBins", "fit_temperature", "reliability_bins"]
