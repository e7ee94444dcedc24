"""What frost is made of: the benchmark's photographs, or noise like them."""

import functools

import numpy as np
from scipy import ndimage

from tf_varmixup.corruptions.frost_photographs import frost_photographs

# What the procedural textures imitate: each photograph's mean colour and its deviation, in levels.
COLOURS = (
    ((78, 149, 166), 20.0),
    ((201, 205, 215), 22.0),
    ((201, 205, 215), 22.0),
    ((138, 153, 166), 29.0),
    ((112, 123, 135), 43.0),
)
# (sigma in pixels, share of the variance): grain, needles, ferns and the slow change of thickness
# over the pane.
OCTAVES = ((1.0, 0.35), (4.0, 0.15), (16.0, 0.2), (60.0, 0.3))


def frost_source():
    """Say what frost is made of on this machine.

    The authors' photographs are fetched once, see `frost_photographs`; where they cannot be had,
    seeded noise of similar colour, contrast and grain stands in, and figures for frost are not
    comparable with those of others.

    Returns:
        "photographs" or "procedural".

    Example:
        >>> frost_source()
        'photographs'
    """
    return "photographs" if frost_photographs() else "procedural"


@functools.lru_cache
def frost_textures(scale, height, width):
    """Load the five textures.

    Args:
        scale: Python number, the size of the textures; raised where a picture would not fit.
        height, width: Python integers, the pictures' size.

    Returns:
        A list of five `uint8` arrays `(h, w, 3)` with h > `height` and w > `width`.

    Example:
        >>> textures = frost_textures(0.2, 32, 32)
    """
    textures = []
    for texture in _full_textures():
        fitting = max(scale, (height + 1) / texture.shape[0], (width + 1) / texture.shape[1])
        textures.append(_resize(texture, fitting))
    return textures


@functools.lru_cache
def _full_textures():
    return frost_photographs() or [
        _procedural(number, *colour) for number, colour in enumerate(COLOURS)
    ]


def _procedural(number, colour, deviation):
    generator = np.random.default_rng(number)
    thickness = np.zeros((450, 675))
    for sigma, share in OCTAVES:
        octave = ndimage.gaussian_filter(
            generator.standard_normal(thickness.shape), sigma, mode="wrap", truncate=2.0
        )
        thickness += np.sqrt(share) * octave / octave.std()
    thickness = (thickness - thickness.mean()) / thickness.std()
    return np.clip(np.array(colour) + deviation * thickness[..., None], 0, 255).astype(np.uint8)


def _resize(texture, scale):
    """Scale with linear interpolation between pixel centres and no smoothing, as OpenCV's `resize`
    does."""
    for axis in (0, 1):
        size = texture.shape[axis]
        position = np.clip((np.arange(np.ceil(size * scale)) + 0.5) / scale - 0.5, 0, size - 1)
        # OpenCV rounds the number of pixels; a number that would leave no room for a crop is
        # rounded up above.
        position = position[: max(round(size * scale), 1)]
        before = np.floor(position).astype(int)
        weight = (position - before).reshape((-1, 1, 1) if axis == 0 else (1, -1, 1))
        after = np.minimum(before + 1, size - 1)
        texture = (
            np.take(texture, before, axis) * (1 - weight) + np.take(texture, after, axis) * weight
        )
    return np.round(texture).astype(np.uint8)
