"""Composing methods."""

from collections.abc import Sequence
from typing import Literal

from tf_varmixup.checks import check_choice
from tf_varmixup.methods.composition import Composition
from tf_varmixup.methods.method import Method
from tf_varmixup.methods.vicinal_composition import COMBINE, VicinalComposition
from tf_varmixup.methods.vicinal_distribution import VicinalDistribution


def compose(
    parts: Sequence[Method],
    combine: Literal["sequence", "choice"] = "sequence",
    shares: str = "",
) -> Composition:
    """Compose methods: one after the other, or each image from one of them.

    Args:
        parts: Methods, at least two, in their order.
        combine: `"sequence"` lets each method draw from what the one before has drawn; `"choice"`
            draws each image from one of them, for vicinal distributions alone.
        shares: For `"choice"`, what share of each batch each draws, numbers separated by commas;
            equal ones if empty.

    Returns:
        A `Composition`; for vicinal distributions alone a `VicinalComposition`, which is a vicinal
        distribution and so also serves in `dataset.map`.

    Raises:
        ValueError: If the methods cannot be composed; the message says why.

    Example:
        >>> from tf_varmixup import Gaussian, Mixup
        >>> compose([Mixup(alpha=0.2), Gaussian()], combine="choice").combine
        'choice'
    """
    check_choice("combine", combine, COMBINE)
    others = [part for part in parts if not isinstance(part, VicinalDistribution)]
    if not others:
        return VicinalComposition(parts, combine, shares)
    if combine == "choice" or shares:
        name = others[0].method or type(others[0]).__name__
        raise ValueError(
            "Expected vicinal distributions, which only draw images, to choose from with combine "
            f"'choice'. Received: {name}, which does more."
        )
    return Composition(parts)
