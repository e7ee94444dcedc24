"""VarMixup in Keras 3 on TensorFlow: classifiers trained on vicinal distributions in a latent
space, and what that buys."""

from .classifier import VicinalClassifier
from .export import export_saved_model
from .methods import (
    EmpiricalRisk,
    Mixup,
    MixupReconstruction,
    Reconstruction,
    VarMixup,
    VicinalDistribution,
)

__all__ = [
    "EmpiricalRisk",
    "Mixup",
    "MixupReconstruction",
    "Reconstruction",
    "VarMixup",
    "VicinalClassifier",
    "VicinalDistribution",
    "export_saved_model",
]
