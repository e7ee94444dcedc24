"""scikit-learn's digits, which ship inside the package and need no network."""

import numpy as np

from tf_varmixup.data.dataset import Dataset
from tf_varmixup.data.limits import check_memory, resize
from tf_varmixup.data.split import Split, divide


def load_digits(
    image_size: int | None = None, test_fraction: float = 0.2, seed: int = 0
) -> Dataset:
    """Load 1,797 digits of 8 x 8, a fifth of every class held out as the test split.

    The levels 0 to 16 become 0 to 255.

    Source: the test part of "Optical Recognition of Handwritten Digits" (Alpaydin & Kaynak, 1998,
    https://archive.ics.uci.edu/dataset/80).

    Args:
        image_size: Height and width to resize to, or None for 8.
        test_fraction: How much of every class is held out, in (0, 1).
        seed: Seed of that choice.

    Returns:
        A `Dataset` whose validation split is empty yet.

    Example:
        >>> load_digits().train.images.shape
        (1438, 8, 8, 1)
    """
    # Here, since importing scikit-learn takes a second that no other dataset needs.
    from sklearn.datasets import load_digits as load

    digits = load()
    images = np.rint(digits.images * (255.0 / 16.0)).astype(np.uint8)[..., None]
    if image_size is not None:
        check_memory("digits", len(images), (image_size, image_size, 1))
        # In parts, since resizing works with several floats for each value.
        count = max(1, 2**24 // image_size**2)
        parts = (images[first : first + count] for first in range(0, len(images), count))
        images = np.concatenate([resize(part, image_size).numpy() for part in parts])
    everything = Split(images, digits.target.astype(np.int64))
    train, test = divide(everything, test_fraction, seed)
    names = tuple(str(name) for name in digits.target_names)
    return Dataset("digits", train, train.take(0), test, names, flip=False)
