"""Ways of training a classifier, one per file.

A new one is a file in this folder with a class that `@register`s its name. The command line finds
it there, its parameters included; what is listed below is for those who import it.
"""

from typing import TYPE_CHECKING

from tf_varmixup.lazy import lazy_names

if TYPE_CHECKING:
    from tf_varmixup.methods.blur import Blur
    from tf_varmixup.methods.cutmix import CutMix
    from tf_varmixup.methods.erm import EmpiricalRisk
    from tf_varmixup.methods.gaussian import Gaussian
    from tf_varmixup.methods.label_smoothing import LabelSmoothing
    from tf_varmixup.methods.latent import LatentVicinity
    from tf_varmixup.methods.method import Batch, Method
    from tf_varmixup.methods.mixup import Mixup
    from tf_varmixup.methods.mixup_reconstruction import MixupReconstruction
    from tf_varmixup.methods.pairwise import PairwiseVicinity, interpolate
    from tf_varmixup.methods.reconstruction import Reconstruction
    from tf_varmixup.methods.regmixup import RegMixup
    from tf_varmixup.methods.registry import create, method_class, register
    from tf_varmixup.methods.signatures import MethodSignature, method_signature, method_signatures
    from tf_varmixup.methods.varmixup import VarMixup
    from tf_varmixup.methods.vicinal_distribution import VicinalDistribution

__all__ = [
    "Batch",
    "Blur",
    "CutMix",
    "EmpiricalRisk",
    "Gaussian",
    "LabelSmoothing",
    "LatentVicinity",
    "Method",
    "MethodSignature",
    "Mixup",
    "MixupReconstruction",
    "PairwiseVicinity",
    "Reconstruction",
    "RegMixup",
    "VarMixup",
    "VicinalDistribution",
    "create",
    "interpolate",
    "method_class",
    "method_signature",
    "method_signatures",
    "register",
]

_HOMES = {
    "blur": ["Blur"],
    "cutmix": ["CutMix"],
    "erm": ["EmpiricalRisk"],
    "gaussian": ["Gaussian"],
    "label_smoothing": ["LabelSmoothing"],
    "latent": ["LatentVicinity"],
    "method": ["Batch", "Method"],
    "mixup": ["Mixup"],
    "mixup_reconstruction": ["MixupReconstruction"],
    "pairwise": ["PairwiseVicinity", "interpolate"],
    "reconstruction": ["Reconstruction"],
    "regmixup": ["RegMixup"],
    "registry": ["create", "method_class", "register"],
    "signatures": ["MethodSignature", "method_signature", "method_signatures"],
    "varmixup": ["VarMixup"],
    "vicinal_distribution": ["VicinalDistribution"],
}

__getattr__, __dir__ = lazy_names(
    __name__, {name: f"{__name__}.{home}" for home, names in _HOMES.items() for name in names}
)
