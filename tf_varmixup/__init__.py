"""VarMixup in Keras 3: classifiers trained on vicinal distributions in a latent space, measured."""

from typing import TYPE_CHECKING

from tf_varmixup.lazy import lazy_names

if TYPE_CHECKING:
    from tf_varmixup.classifier import VicinalClassifier
    from tf_varmixup.evaluation.loaded_predictor import load_predictor
    from tf_varmixup.export.saved_model import export_saved_model
    from tf_varmixup.loading import load_model
    from tf_varmixup.methods.erm import EmpiricalRisk
    from tf_varmixup.methods.method import Batch, Method
    from tf_varmixup.methods.mixup import Mixup
    from tf_varmixup.methods.mixup_reconstruction import MixupReconstruction
    from tf_varmixup.methods.reconstruction import Reconstruction
    from tf_varmixup.methods.varmixup import VarMixup
    from tf_varmixup.methods.vicinal_distribution import VicinalDistribution
    from tf_varmixup.muon import Muon

__version__ = "0.2.0"

__all__ = [
    "Batch",
    "EmpiricalRisk",
    "Method",
    "Mixup",
    "MixupReconstruction",
    "Muon",
    "Reconstruction",
    "VarMixup",
    "VicinalClassifier",
    "VicinalDistribution",
    "__version__",
    "export_saved_model",
    "load_model",
    "load_predictor",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Batch": "tf_varmixup.methods.method",
        "EmpiricalRisk": "tf_varmixup.methods.erm",
        "Method": "tf_varmixup.methods.method",
        "Mixup": "tf_varmixup.methods.mixup",
        "MixupReconstruction": "tf_varmixup.methods.mixup_reconstruction",
        "Muon": "tf_varmixup.muon",
        "Reconstruction": "tf_varmixup.methods.reconstruction",
        "VarMixup": "tf_varmixup.methods.varmixup",
        "VicinalClassifier": "tf_varmixup.classifier",
        "VicinalDistribution": "tf_varmixup.methods.vicinal_distribution",
        "export_saved_model": "tf_varmixup.export.saved_model",
        "load_model": "tf_varmixup.loading",
        "load_predictor": "tf_varmixup.evaluation.loaded_predictor",
    },
)
