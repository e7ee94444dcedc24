"""Ways of training a classifier, one per file.

A new one is a file in this folder with a class that `@register`s its name. The command line finds
it there, its parameters included; what is listed below is for those who import it.
"""

from typing import TYPE_CHECKING

from tf_varmixup.lazy import lazy_names

if TYPE_CHECKING:
    from tf_varmixup.methods.adversarial import Adversarial
    from tf_varmixup.methods.adversarial_varmixup import AdversarialVarMixup
    from tf_varmixup.methods.augmix import AugMix
    from tf_varmixup.methods.blur import Blur
    from tf_varmixup.methods.composition import Composition
    from tf_varmixup.methods.cutmix import CutMix
    from tf_varmixup.methods.erm import EmpiricalRisk
    from tf_varmixup.methods.gaussian import Gaussian
    from tf_varmixup.methods.interpolated_adversarial import InterpolatedAdversarial
    from tf_varmixup.methods.label_smoothing import LabelSmoothing
    from tf_varmixup.methods.latent import LatentVicinity
    from tf_varmixup.methods.manifold_mixup import ManifoldMixup
    from tf_varmixup.methods.method import Batch, Method
    from tf_varmixup.methods.mixup import Mixup
    from tf_varmixup.methods.mixup_reconstruction import MixupReconstruction
    from tf_varmixup.methods.pairwise import PairwiseVicinity, interpolate
    from tf_varmixup.methods.reconstruction import Reconstruction
    from tf_varmixup.methods.registry import create, method_class, register
    from tf_varmixup.methods.regmixup import RegMixup
    from tf_varmixup.methods.signature import MethodSignature
    from tf_varmixup.methods.signatures import method_signature, method_signatures
    from tf_varmixup.methods.softmax_binary_crossentropy import SoftmaxBinaryCrossentropy
    from tf_varmixup.methods.varmixup import VarMixup
    from tf_varmixup.methods.vicinal_composition import VicinalComposition, compose
    from tf_varmixup.methods.vicinal_distribution import VicinalDistribution

__all__ = [
    "Adversarial",
    "AdversarialVarMixup",
    "AugMix",
    "Batch",
    "Blur",
    "Composition",
    "CutMix",
    "EmpiricalRisk",
    "Gaussian",
    "InterpolatedAdversarial",
    "LabelSmoothing",
    "LatentVicinity",
    "ManifoldMixup",
    "Method",
    "MethodSignature",
    "Mixup",
    "MixupReconstruction",
    "PairwiseVicinity",
    "Reconstruction",
    "RegMixup",
    "SoftmaxBinaryCrossentropy",
    "VarMixup",
    "VicinalComposition",
    "VicinalDistribution",
    "compose",
    "create",
    "interpolate",
    "method_class",
    "method_signature",
    "method_signatures",
    "register",
]

_HOMES = {
    "adversarial": ["Adversarial"],
    "adversarial_varmixup": ["AdversarialVarMixup"],
    "augmix": ["AugMix"],
    "blur": ["Blur"],
    "composition": ["Composition"],
    "cutmix": ["CutMix"],
    "erm": ["EmpiricalRisk"],
    "gaussian": ["Gaussian"],
    "interpolated_adversarial": ["InterpolatedAdversarial"],
    "label_smoothing": ["LabelSmoothing"],
    "latent": ["LatentVicinity"],
    "manifold_mixup": ["ManifoldMixup"],
    "method": ["Batch", "Method"],
    "mixup": ["Mixup"],
    "mixup_reconstruction": ["MixupReconstruction"],
    "pairwise": ["PairwiseVicinity", "interpolate"],
    "reconstruction": ["Reconstruction"],
    "regmixup": ["RegMixup"],
    "registry": ["create", "method_class", "register"],
    "signature": ["MethodSignature"],
    "signatures": ["method_signature", "method_signatures"],
    "softmax_binary_crossentropy": ["SoftmaxBinaryCrossentropy"],
    "varmixup": ["VarMixup"],
    "vicinal_composition": ["VicinalComposition", "compose"],
    "vicinal_distribution": ["VicinalDistribution"],
}

__getattr__, __dir__ = lazy_names(
    __name__, {name: f"{__name__}.{home}" for home, names in _HOMES.items() for name in names}
)
