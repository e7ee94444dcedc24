"""Figures of the variational autoencoder: what it keeps of a picture, and what lies between two
pictures."""

import numpy as np

from .picture_grid import as_pictures, heading, picture_grid
from .style import INK, MUTED, styled


def _psnr(originals, decoded):
    error = np.mean((originals - decoded) ** 2, axis=(1, 2, 3))
    with np.errstate(divide="ignore"):
        return -10.0 * np.log10(error)


@styled(
    "Test pictures (above) and what the variational autoencoder makes of them (below); the number is the peak signal-to-noise ratio, "
    "higher being closer to the original."
)
def reconstructions(originals, decoded):
    """Draw pictures above their reconstructions, with the PSNR of each, 10 log10(1 / MSE) for
    values in [0, 1].

    Args:
        originals: array `(N, H, W, C)`, `uint8` or floating-point in [0, 1]; about ten fit well.
        decoded: array of the same shape, their reconstructions.

    Returns:
        A `matplotlib.figure.Figure`, whose axes are the N originals, then the N reconstructions.

    Raises:
        ValueError: if the shapes differ or are not those of pictures.

    Example:
        >>> figure = reconstructions(test.images[:10], vae(test.images[:10]))
    """
    originals, decoded = as_pictures(originals, 4, "originals"), as_pictures(decoded, 4, "decoded")
    if originals.shape != decoded.shape:
        raise ValueError(
            f"decoded must have the originals' shape {originals.shape}, got {decoded.shape}"
        )
    figure, axes = picture_grid([originals, decoded], left=104, bottom=36, row_gaps=[6])
    heading(figure, "Reconstructions")
    for label, row in zip(("original", "decoded"), axes, strict=True):
        row[0].text(
            -0.07, 0.5, label, transform=row[0].transAxes, ha="right", va="center", color=INK
        )
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
    return figure


@styled(
    "From one picture (left) to its partner (right): pixel mixup fades one over the other, VarMixup decodes points on the line between "
    "their latent codes; λ is the mixing weight of the left picture."
)
def interpolations(pixel_rows, latent_rows, weights=None):
    """Draw pixel mixup above VarMixup for pairs of pictures.

    Args:
        pixel_rows: array `(pairs, steps, H, W, C)`, `uint8` or floating-point in [0, 1]: lambda x_i
            + (1 - lambda) x_j.
        latent_rows: array of the same shape: the decoded lambda z_i + (1 - lambda) z_j.
        weights: the mixing weights lambda `(steps,)`; by default evenly spaced from 1 (the picture)
            to 0 (its partner).

    Returns:
        A `matplotlib.figure.Figure`; its axes go strip by strip, a pair's pixel strip before its
        latent strip.

    Raises:
        ValueError: if the shapes differ, are not those of strips of pictures, or the weights are
            not as many as the steps.

    Example:
        >>> figure = interpolations(pixel_rows, latent_rows, weights=np.linspace(1, 0, 9))
    """
    pixel_rows, latent_rows = (
        as_pictures(pixel_rows, 5, "pixel_rows"),
        as_pictures(latent_rows, 5, "latent_rows"),
    )
    if pixel_rows.shape != latent_rows.shape:
        raise ValueError(
            f"latent_rows must have the pixel rows' shape {pixel_rows.shape}, got {latent_rows.shape}"
        )
    pairs, steps = pixel_rows.shape[:2]
    weights = np.linspace(1.0, 0.0, steps) if weights is None else np.asarray(weights)
    if weights.shape != (steps,):
        raise ValueError(
            f"weights must have shape ({steps},), one for each step, got {weights.shape}"
        )
    strips = [strip for pair in zip(pixel_rows, latent_rows, strict=True) for strip in pair]
    figure, axes = picture_grid(
        strips, left=128, top=76, column_gap=2, row_gaps=([4, 24] * pairs)[:-1]
    )
    heading(figure, "Between two pictures")
    for label, row in zip(("pixel mixup", "VarMixup") * pairs, axes, strict=True):
        row[0].text(
            -0.07, 0.5, label, transform=row[0].transAxes, ha="right", va="center", color=INK
        )
    for step, (cell, weight) in enumerate(zip(axes[0], weights, strict=True)):
        text = f"λ = {weight:.3g}" if step == 0 else f"{weight:.3g}"
        cell.text(
            0.5,
            1.04,
            text,
            transform=cell.transAxes,
            ha="center",
            va="bottom",
            size=7.5,
            color=MUTED,
        )
    return figure
