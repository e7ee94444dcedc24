"""What the tests of Mixup Inference share: images, a pool, and a small network."""

import keras
import numpy as np
from keras import layers

from tf_varmixup.data import Split

RANDOM = np.random.default_rng(0)
SHAPE = (8, 8, 1)
IMAGES = RANDOM.integers(0, 256, (10, *SHAPE)).astype("uint8")
INDICES = np.arange(10)
POOL = Split(
    RANDOM.integers(0, 256, (60, *SHAPE)).astype("uint8"), RANDOM.permutation(np.arange(60) % 3)
)


def network(scale=1 / 255, last=None):
    keras.utils.set_random_seed(0)
    hidden = [layers.Rescaling(scale), layers.Flatten(), layers.Dense(3, "linear")]
    model = keras.Sequential([keras.Input(SHAPE), *hidden, *([last] if last else [])])
    model.layers[2].kernel.assign(3.0 * model.layers[2].kernel)
    return model


def close(found, expected, **kwargs):
    np.testing.assert_allclose(found, expected, **{"rtol": 1e-4, "atol": 2e-5, **kwargs})
