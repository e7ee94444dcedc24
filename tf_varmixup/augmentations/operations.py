"""AugMix's operations by their names, all called alike."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tf_varmixup.augmentations import blending, geometry, tone

Operation = Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]


def _of_level(operation: Callable[[Any, Any], tf.Tensor]) -> Operation:
    return lambda images, level, sign: operation(images, level)


def _of_nothing(operation: Callable[[Any], tf.Tensor]) -> Operation:
    return lambda images, level, sign: operation(images)


# None of the nine is a corruption of the benchmark.
NINE: dict[str, Operation] = {
    "autocontrast": _of_nothing(tone.autocontrast),
    "equalize": _of_nothing(tone.equalize),
    "posterize": _of_level(tone.posterize),
    "rotate": geometry.rotate,
    "solarize": _of_level(tone.solarize),
    "shear_x": geometry.shear_x,
    "shear_y": geometry.shear_y,
    "translate_x": geometry.translate_x,
    "translate_y": geometry.translate_y,
}

# The last four overlap with the benchmark's corruptions.
ALL: dict[str, Operation] = {
    **NINE,
    "color": _of_level(blending.color),
    "contrast": _of_level(blending.contrast),
    "brightness": _of_level(blending.brightness),
    "sharpness": _of_level(blending.sharpness),
}

OPERATION_SETS = {"nine": NINE, "all": ALL}
