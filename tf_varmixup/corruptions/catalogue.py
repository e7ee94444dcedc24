"""The constants of every corruption at the benchmark's three image sizes.

The three sizes differ on purpose: ImageNet-C's constants would ruin small images.

Source: Hendrycks & Dietterich, "Benchmarking Neural Network Robustness to Common Corruptions and
    Perturbations", ICLR 2019, and the authors' generators of CIFAR-10-C (32 pixels),
    Tiny-ImageNet-C (64) and ImageNet-C (224).
"""

from tf_varmixup.corruptions import constants_32, constants_64, constants_224
from tf_varmixup.corruptions.constants import Constants

CONSTANTS = {
    32: constants_32.CONSTANTS,
    64: constants_64.CONSTANTS,
    224: constants_224.CONSTANTS,
}
BENCHMARK_NAMES = {32: "CIFAR-10-C", 64: "Tiny-ImageNet-C", 224: "ImageNet-C"}


def constants_size(height: int, width: int) -> int:
    """Return whose constants an image takes: the benchmark size nearest to its shorter side.

    Args:
        height: In pixels.
        width: In pixels.

    Returns:
        32 (CIFAR-10-C), 64 (Tiny-ImageNet-C) or 224 (ImageNet-C).

    Example:
        >>> constants_size(28, 28)
        32
    """
    return min(CONSTANTS, key=lambda size: abs(size - min(height, width)))


def constants(corruption: str, severity: int, height: int, width: int) -> Constants:
    """Return the constants of one cell of the benchmark.

    Args:
        corruption: One of `CORRUPTIONS`.
        severity: 1 to 5.
        height: Of the images, in pixels; see `constants_size`.
        width: Of the images, in pixels.

    Returns:
        A number or a dataclass of numbers, as the corruption's function takes it.

    Example:
        >>> constants("contrast", 5, 32, 32)
        0.15
        >>> constants("fog", 1, 32, 32).decay
        3
    """
    return CONSTANTS[constants_size(height, width)][corruption][severity - 1]
