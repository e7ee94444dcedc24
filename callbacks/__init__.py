"""Keras callbacks: what a classifier is worth while it trains, and how its training is resumed."""

from .best_checkpoint import BestCheckpoint
from .calibration import CalibrationCallback
from .corruption_robustness import CorruptionRobustnessCallback
from .epoch_checkpoint import EpochCheckpoint
from .tensorboard_logger import TensorBoardLogger
from .training_progress import TrainingProgress

__all__ = [
    "BestCheckpoint",
    "CalibrationCallback",
    "CorruptionRobustnessCallback",
    "EpochCheckpoint",
    "TensorBoardLogger",
    "TrainingProgress",
]
