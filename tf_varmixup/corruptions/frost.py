"""What frost is made of: the benchmark's photographs, or noise like them."""

import functools

import numpy as np
from scipy import ndimage

from tf_varmixup.corruptions.frost_photographs import frost_photographs

# What the procedural textures imitate: each photograph's mean color and its deviation, in levels.
COLORS = (
    ((78, 149, 166), 20.0),
    ((201, 205, 215), 22.0),
    ((201, 205, 215), 22.0),
    ((138, 153, 166), 29.0),
    ((112, 123, 135), 43.0),
)
# (sigma in pixels, share of the variance): grain, needles, ferns and the slow change of thickness
# over the pane.
OCTAVES = ((1.0, 0.35), (4.0, 0.15), (16.0, 0.2), (60.0, 0.3))


def frost_source() -> str:
    """Return what frost is made of on this machine.

    The authors' photographs are fetched once, see `frost_photographs`; where they cannot be had,
    seeded noise of similar color, contrast and grain stands in, and figures for frost are not
    comparable with those of others.

    Returns:
        "photographs" or "procedural".

    Example:
        >>> frost_source() in ("photographs", "procedural")
        True
    """
    return "photographs" if frost_photographs() else "procedural"


@functools.lru_cache
def frost_textures(scale: float, height: int, width: int) -> list[np.ndarray]:
    """Load the five textures at a size.

    Args:
        scale: How much smaller or larger than the photographs; raised where an image would not fit.
        height: Of the images, in pixels.
        width: Of the images, in pixels.

    Returns:
        A list of five `uint8` arrays `(h, w, 3)` with h > `height` and w > `width`.

    Example:
        >>> [texture.shape[2] for texture in frost_textures(0.2, 32, 32)]
        [3, 3, 3, 3, 3]
    """
    textures = []
    for texture in _full_textures():
        fitting = max(scale, (height + 1) / texture.shape[0], (width + 1) / texture.shape[1])
        textures.append(_resize(texture, fitting))
    return textures


@functools.lru_cache
def _full_textures() -> tuple[np.ndarray, ...]:
    return frost_photographs() or tuple(
        _procedural(number, color, deviation) for number, (color, deviation) in enumerate(COLORS)
    )


def _procedural(number: int, color: tuple[int, int, int], deviation: float) -> np.ndarray:
    generator = np.random.default_rng(number)
    thickness = np.zeros((450, 675))
    for sigma, share in OCTAVES:
        octave = ndimage.gaussian_filter(
            generator.standard_normal(thickness.shape), sigma, mode="wrap", truncate=2.0
        )
        thickness += np.sqrt(share) * octave / octave.std()
    thickness = (thickness - thickness.mean()) / thickness.std()
    return np.clip(np.array(color) + deviation * thickness[..., None], 0, 255).astype(np.uint8)


def _resize(texture: np.ndarray, scale: float) -> np.ndarray:
    """Scale with linear interpolation between pixel centers, as OpenCV's `resize` does."""
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
