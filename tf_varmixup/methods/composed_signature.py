"""The parameters of a composition of methods, such as `"varmixup+augmix"`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from tf_varmixup.methods.signature import MethodSignature, Parameter

OWN_PARAMETERS = (
    Parameter(
        "combine",
        Literal["sequence", "choice"],
        "sequence",
        "Whether one method draws from what the one before has drawn, or each image from one of "
        "them.",
    ),
    Parameter(
        "shares",
        str,
        "",
        "Shares of the images that each method draws, separated by commas, for combine 'choice'; "
        "equal ones if none are given.",
    ),
)


def composed_signature(parts: Sequence[MethodSignature]) -> MethodSignature:
    """Return the signature of a composition.

    A parameter that one method alone has keeps its name; what several have gets the method's name
    in front.

    Args:
        parts: The signatures of the methods, in their order.

    Returns:
        A `MethodSignature`.

    Raises:
        ValueError: If a method is among them twice.

    Example:
        >>> from tf_varmixup.methods import method_signature
        >>> composed = composed_signature([method_signature(one) for one in ("mixup", "gaussian")])
        >>> composed.name, [one.name for one in composed.parameters if "clean" in one.name]
        ('mixup+gaussian', ['mixup_clean_share', 'gaussian_clean_share'])
    """
    name = "+".join(part.name for part in parts)
    repeated = [part for part, count in Counter(map(_label, parts)).items() if count > 1]
    if repeated:
        raise ValueError(
            "Expected a composition of different methods, whose parameters can be told apart. "
            f"Received: {name!r}, with {repeated[0]} more than once."
        )
    parameters = list(OWN_PARAMETERS)
    for flat, (index, own) in parameter_owners(parts).items():
        found = next(one for one in parts[index].parameters if one.name == own)
        parameters.append(Parameter(flat, found.annotation, found.default, found.help))
    return MethodSignature(
        name=name,
        module="tf_varmixup.methods.composition",
        class_name="Composition",
        summary=f"{', then '.join(part.name for part in parts)}.",
        parameters=tuple(parameters),
        needs_autoencoder=any(part.needs_autoencoder for part in parts),
        parts=tuple(parts),
    )


def parameter_owners(parts: Sequence[MethodSignature]) -> dict[str, tuple[int, str]]:
    """Return whose each parameter of a composition is.

    Args:
        parts: The signatures of the methods, in their order.

    Returns:
        A dict of the composition's name of a parameter to the number of the method that has it and
        its name there.

    Example:
        >>> from tf_varmixup.methods import method_signature
        >>> parts = [method_signature(one) for one in ("mixup", "gaussian")]
        >>> parameter_owners(parts)["mixup_clean_share"]
        (0, 'clean_share')
    """
    counts = Counter(one.name for part in parts for one in part.parameters)
    counts.update(one.name for one in OWN_PARAMETERS)
    return {
        one.name if counts[one.name] == 1 else f"{_label(part)}_{one.name}": (index, one.name)
        for index, part in enumerate(parts)
        for one in part.parameters
    }


def parameters_by_part(
    parts: Sequence[MethodSignature], values: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Give each method of a composition its own parameters.

    Args:
        parts: The signatures of the methods, in their order.
        values: Values by the composition's names; those that are no method's are left out.

    Returns:
        A list of dicts of values by the names that the methods have for them.

    Example:
        >>> from tf_varmixup.methods import method_signature
        >>> parts = [method_signature(one) for one in ("mixup", "gaussian")]
        >>> parameters_by_part(parts, {"alpha": 0.2, "gaussian_clean_share": 0.5})
        [{'alpha': 0.2}, {'clean_share': 0.5}]
    """
    found: list[dict[str, Any]] = [{} for _ in parts]
    for flat, (index, own) in parameter_owners(parts).items():
        if flat in values:
            found[index][own] = values[flat]
    return found


def _label(part: MethodSignature) -> str:
    """Return what stands in front of a method's parameters, also in flags."""
    return part.class_name if ":" in part.name else part.name
