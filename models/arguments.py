"""Check what the models here are built for."""

from typing import Any

from tf_varmixup.checks import check_count


def check_image_shape(
    image_shape: Any, smallest: int = 1, largest: int | None = None
) -> tuple[int, int, int]:
    """Return the shape of an image as a tuple of integers, or raise ValueError.

    Args:
        image_shape: Expected `(H, W, C)` with C 1 or 3.
        smallest: Least height and width.
        largest: Largest height and width, or None.

    Returns:
        A tuple `(H, W, C)`.

    Raises:
        ValueError: If it is another.

    Example:
        >>> check_image_shape([28, 28, 1])
        (28, 28, 1)
    """
    try:
        height, width, channels = (check_count("a size", size) for size in image_shape)
        inside = smallest <= min(height, width) and (largest or height + width) >= max(
            height, width
        )
        if inside and channels in (1, 3):
            return height, width, channels
    except (TypeError, ValueError):
        pass
    sizes = f"of at least {smallest}" if largest is None else f"from {smallest} to {largest}"
    raise ValueError(
        f"Expected image_shape to be (H, W, C) with H and W {sizes} and C 1 or 3. "
        f"Received: {image_shape!r}."
    )


def check_num_classes(num_classes: Any) -> int:
    """Return the number of classes, or raise ValueError if it is not an integer of at least 2.

    Example:
        >>> check_num_classes(10)
        10
    """
    return check_count("num_classes", num_classes, smallest=2)
