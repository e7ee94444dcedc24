"""Keras callbacks: calibration and corruption robustness while a classifier trains, and what an
interrupted training goes on from."""

from .calibration import CalibrationCallback
from .corruption_robustness import CorruptionRobustnessCallback
from .epoch_checkpoint import EpochCheckpoint
from .training_progress import TrainingProgress

__all__ = [
    "CalibrationCallback",
    "CorruptionRobustnessCallback",
    "EpochCheckpoint",
    "TrainingProgress",
]
