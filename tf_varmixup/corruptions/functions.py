"""The function of every corruption.

A function takes `uint8` images `(B, H, W, C)`, the constants of a severity (see `catalogue`) and
seeds (see `sampling`), and returns levels `(B, H, W, C)`.
"""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tf_varmixup.corruptions import blur, digital, noise, weather
from tf_varmixup.corruptions.sampling import Seeds

FUNCTIONS: dict[str, Callable[[tf.Tensor, Any, Seeds], tf.Tensor]] = {
    "gaussian_noise": noise.gaussian_noise,
    "shot_noise": noise.shot_noise,
    "impulse_noise": noise.impulse_noise,
    "defocus_blur": blur.defocus_blur,
    "glass_blur": blur.glass_blur,
    "motion_blur": blur.motion_blur,
    "zoom_blur": blur.zoom_blur,
    "snow": weather.snow,
    "frost": weather.frost,
    "fog": weather.fog,
    "brightness": weather.brightness,
    "contrast": digital.contrast,
    "elastic_transform": digital.elastic_transform,
    "pixelate": digital.pixelate,
    "jpeg_compression": digital.jpeg_compression,
    "speckle_noise": noise.speckle_noise,
    "gaussian_blur": blur.gaussian_blur,
    "spatter": weather.spatter,
    "saturate": digital.saturate,
}
