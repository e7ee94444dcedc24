"""Simple operations on images, and AugMix's chains of them.

Each operation is a function of images, and most of a level from 0 to 10 and a sign. What they do to
`uint8` images is what Pillow does, to the last bit.
"""

from typing import TYPE_CHECKING

from tf_varmixup.lazy import lazy_names

if TYPE_CHECKING:
    from tf_varmixup.augmentations.blending import brightness, color, contrast, sharpness
    from tf_varmixup.augmentations.chains import augmix
    from tf_varmixup.augmentations.geometry import (
        rotate,
        shear_x,
        shear_y,
        translate_x,
        translate_y,
    )
    from tf_varmixup.augmentations.operations import OPERATION_SETS
    from tf_varmixup.augmentations.tone import autocontrast, equalize, posterize, solarize

__all__ = [
    "OPERATION_SETS",
    "augmix",
    "autocontrast",
    "brightness",
    "color",
    "contrast",
    "equalize",
    "posterize",
    "rotate",
    "sharpness",
    "shear_x",
    "shear_y",
    "solarize",
    "translate_x",
    "translate_y",
]

_HOMES = {
    "blending": ["brightness", "color", "contrast", "sharpness"],
    "chains": ["augmix"],
    "geometry": ["rotate", "shear_x", "shear_y", "translate_x", "translate_y"],
    "operations": ["OPERATION_SETS"],
    "tone": ["autocontrast", "equalize", "posterize", "solarize"],
}

__getattr__, __dir__ = lazy_names(
    __name__, {name: f"{__name__}.{home}" for home, names in _HOMES.items() for name in names}
)
