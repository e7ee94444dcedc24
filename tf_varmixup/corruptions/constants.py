"""The constants of the corruptions that have several, as named fields.

A corruption with one constant takes it as a number, whose meaning its function's parameter says.
Lengths are in pixels; levels, amounts and weights are in units of the full range, 0 to 1.
"""

import dataclasses
from typing import Any, TypeVar

_Constants = TypeVar("_Constants")


@dataclasses.dataclass(frozen=True, kw_only=True)
class GlassBlur:
    """Constants of glass blur: `sigma` of both blurs, how far pixels move, and how often."""

    sigma: float
    reach: int
    passes: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class DefocusBlur:
    """Constants of defocus blur: the disk's radius, and sigma of the Gaussian at its edge."""

    radius: float
    edge_sigma: float


@dataclasses.dataclass(frozen=True, kw_only=True)
class MotionBlur:
    """Constants of motion blur: reach and sigma of the half Gaussian along the line."""

    radius: int
    sigma: float


@dataclasses.dataclass(frozen=True, kw_only=True)
class ZoomBlur:
    """Constants of zoom blur: the zooms are 1, 1 + step, ... and below `stop`."""

    stop: float
    step: float


@dataclasses.dataclass(frozen=True, kw_only=True)
class Snow:
    """Constants of snow: the noise of the flakes, their zoom, threshold and motion, the whitening.

    `image_weight` is the weight of the image itself beside its whitened copy.
    """

    mean: float
    deviation: float
    zoom: float
    threshold: float
    radius: int
    sigma: float
    image_weight: float


@dataclasses.dataclass(frozen=True, kw_only=True)
class Frost:
    """Constants of frost: the scale of its texture, and the weights of the image and of frost."""

    scale: float
    image_weight: float
    frost_weight: float


@dataclasses.dataclass(frozen=True, kw_only=True)
class Fog:
    """Constants of fog: how much, and how fast its plasma gets finer."""

    amount: float
    decay: float


@dataclasses.dataclass(frozen=True, kw_only=True)
class Saturate:
    """Constants of saturation s, which becomes `factor * s + offset`."""

    factor: float
    offset: float


@dataclasses.dataclass(frozen=True, kw_only=True)
class ElasticTransform:
    """Constants of the elastic transform: how far it moves pixels, and how far its affine map does.

    The field of displacements is blurred by `sigma` and multiplied by `alpha`; the affine map moves
    three points by up to `affine`.
    """

    alpha: float
    sigma: float
    affine: float


@dataclasses.dataclass(frozen=True, kw_only=True)
class Spatter:
    """Constants of spatter: the noise of the liquid, its blur and threshold, and the liquid itself.

    It is water of intensity `water`, or mud whose edges are softened by `mud_sigma`; the other is
    None.
    """

    mean: float
    deviation: float
    sigma: float
    threshold: float
    water: float | None
    mud_sigma: float | None


Constants = (
    float
    | GlassBlur
    | DefocusBlur
    | MotionBlur
    | ZoomBlur
    | Snow
    | Frost
    | Fog
    | Saturate
    | ElasticTransform
    | Spatter
)


def by_severity(kind: type[_Constants], **columns: tuple[Any, ...]) -> tuple[_Constants, ...]:
    """Turn the columns of a table, a field at severities 1 to 5 each, into the constants of each.

    Args:
        kind: One of the classes above.
        **columns: A tuple of five numbers for each field.

    Returns:
        A tuple of five objects of the class, from severity 1 to 5.

    Example:
        >>> by_severity(Fog, amount=(0.2, 0.5), decay=(3, 2.5))[1]
        Fog(amount=0.5, decay=2.5)
    """
    return tuple(
        kind(**dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)
    )
