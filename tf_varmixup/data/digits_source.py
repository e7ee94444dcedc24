"""scikit-learn's digits: 1,797 pictures of 8 x 8 that ship inside the package, so that they need no
network."""

import numpy as np

from tf_varmixup.data.image_data import ImageData
from tf_varmixup.data.limits import resize
from tf_varmixup.data.split import Split, divide


def load_digits(image_size=None, test_fraction=0.2, seed=0):
    """Load the digits, a fifth of every class held out as the test split.

    The levels 0 to 16 become 0 to 255. The set is the test part of "Optical Recognition of
    Handwritten Digits" (Alpaydin and Kaynak, 1998, https://archive.ics.uci.edu/dataset/80).

    Args:
        image_size: int, height and width to resize to, or None for 8.
        test_fraction: number in (0, 1), how much of every class is held out.
        seed: Python integer of that choice.

    Returns:
        An `ImageData` whose validation split is empty yet.

    Example:
        >>> load_digits().train.images.shape
        (1438, 8, 8, 1)
    """
    from sklearn.datasets import (
        load_digits as load,
    )  # here, since importing scikit-learn takes a second that no other data set needs

    digits = load()
    images = np.rint(digits.images * (255.0 / 16.0)).astype(np.uint8)[..., None]
    everything = Split(resize(images, image_size).numpy(), digits.target.astype(np.int64))
    train, test = divide(everything, test_fraction, seed)
    return ImageData(
        "digits",
        train,
        train.take(0),
        test,
        tuple(str(name) for name in digits.target_names),
        flip=False,
    )
