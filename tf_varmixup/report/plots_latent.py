"""Plots of the autoencoder: what it keeps of an image, and what lies between two images."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from tf_varmixup.images import VALUE_RANGE
from tf_varmixup.report.image_grid import as_rgb, heading, image_grid, row_label
from tf_varmixup.report.panels import set_panels
from tf_varmixup.report.style import DPI, MUTED, styled

_CELL, _LABEL = 72, 26  # pixels: an image on a line between two, and the label above the line


def _psnr(originals: np.ndarray, decoded: np.ndarray) -> np.ndarray:
    error = np.mean((originals - decoded) ** 2, axis=(1, 2, 3))
    with np.errstate(divide="ignore"):
        return -10.0 * np.log10(error)


@styled(
    "Test images (above) and what the variational autoencoder makes of them (below). The number is "
    "the peak signal-to-noise ratio, higher being closer to the original."
)
def reconstructions(
    originals: Any, decoded: Any, value_range: tuple[int, int] = VALUE_RANGE
) -> Figure:
    """Draw images above their reconstructions, with the PSNR of each.

    The PSNR is 10 log10(1 / MSE) for values in [0, 1].

    Args:
        originals: Array `(N, H, W, C)`, `uint8` or floating; about ten fit well.
        decoded: Array of the same shape, their reconstructions.
        value_range: (0, 255), or (0, 1) where the values of both are so.

    Returns:
        A `matplotlib.figure.Figure`, whose axes are the N originals, then the N reconstructions.

    Raises:
        ValueError: If the shapes differ or are not those of images.

    Example:
        >>> originals = np.full((4, 8, 8, 1), 100, "uint8")
        >>> figure = reconstructions(originals, originals + 10.0)
    """
    originals = as_rgb(originals, 4, "originals", value_range)
    decoded = as_rgb(decoded, 4, "decoded", value_range)
    if originals.shape != decoded.shape:
        raise ValueError(
            f"Expected decoded of the originals' shape {originals.shape}. "
            f"Received: shape {decoded.shape}."
        )
    figure, axes = image_grid([originals, decoded], left=104, bottom=36, row_gaps=[6])
    heading(figure, "Reconstructions")
    for label, row in zip(("original", "decoded"), axes, strict=True):
        row_label(row[0], label)
    for cell, decibels in zip(axes[1], _psnr(originals, decoded), strict=True):
        cell.text(
            0.5,
            -0.05,
            f"{decibels:.1f} dB",
            transform=cell.transAxes,
            ha="center",
            va="top",
            size=7,
            color=MUTED,
        )
    set_panels(figure, zip(*axes, strict=True), 3, 3, bottom=36)
    return figure


@styled(
    "From one image (left) to its partner (right): pixel mixup fades one over the other, VarMixup "
    "decodes points between their latents. λ is the mixing weight of the left image."
)
def interpolations(
    pixel_rows: Any,
    latent_rows: Any,
    weights: Any = None,
    value_range: tuple[int, int] = VALUE_RANGE,
) -> Figure:
    """Draw pixel mixup above VarMixup for pairs of images.

    Args:
        pixel_rows: Array `(pairs, steps, H, W, C)`, `uint8` or floating: lambda x_i + (1 - lambda)
            x_j.
        latent_rows: Array of the same shape: the decoded lambda z_i + (1 - lambda) z_j.
        weights: The mixing weights lambda `(steps,)`; by default evenly spaced from 1 (the image)
            to 0 (its partner).
        value_range: (0, 255), or (0, 1) where the values of both are so.

    Returns:
        A `matplotlib.figure.Figure`; its axes go strip by strip, a pair's pixel strip before its
        latent strip.

    Raises:
        ValueError: If the shapes differ, are not those of strips of images, or the weights are not
            as many as the steps.

    Example:
        >>> strips = np.linspace(255, 0, 3)[None, :, None, None, None] * np.ones((2, 3, 8, 8, 1))
        >>> figure = interpolations(strips, strips)
    """
    pixel_rows = as_rgb(pixel_rows, 5, "pixel_rows", value_range)
    latent_rows = as_rgb(latent_rows, 5, "latent_rows", value_range)
    if pixel_rows.shape != latent_rows.shape:
        raise ValueError(
            f"Expected latent_rows of the pixel rows' shape {pixel_rows.shape}. "
            f"Received: shape {latent_rows.shape}."
        )
    pairs, steps = pixel_rows.shape[:2]
    weights = np.linspace(1.0, 0.0, steps) if weights is None else np.asarray(weights)
    if weights.shape != (steps,):
        raise ValueError(
            f"Expected weights of shape ({steps},), one for each step. "
            f"Received: shape {weights.shape}."
        )
    strips = [strip for pair in zip(pixel_rows, latent_rows, strict=True) for strip in pair]
    gaps = ([_LABEL, _LABEL + 16] * pairs)[:-1]
    figure, axes = image_grid(strips, top=96, column_gap=2, row_gaps=gaps, cell=_CELL)
    heading(figure, "Between two images")
    for label, row in zip(("pixel mixup", "VarMixup") * pairs, axes, strict=True):
        row[0].text(0, 1.06, label, transform=row[0].transAxes, ha="left", va="bottom")
    pixels = DPI * figure.get_figheight() * axes[0][0].get_position().height
    for step, (cell, weight) in enumerate(zip(axes[0], weights, strict=True)):
        text = f"λ = {weight:.3g}" if step == 0 else f"{weight:.3g}"
        place = {"transform": cell.transAxes, "ha": "center", "va": "bottom"}
        cell.text(0.5, 1.06 + _LABEL / pixels, text, size=7.5, color=MUTED, **place)
    set_panels(figure, [[cell for row in axes for cell in row]], 8, 8, 2 * _LABEL + 8, 8)
    return figure
