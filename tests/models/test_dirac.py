import keras
import numpy as np

from models.dirac import Dirac


def test_the_identity_and_a_random_remainder():
    kernel = Dirac(seed=0)((3, 3, 4, 10)).numpy()
    maps = np.random.default_rng(0).normal(size=(2, 5, 5, 4)).astype("float32")
    np.testing.assert_allclose(
        keras.ops.conv(maps, kernel[..., :4], padding="same"), maps, rtol=1e-6
    )
    remainder = kernel[..., 4:]
    assert np.abs(remainder).max() <= 1 / 6  # one over the square root of 36 inputs, as in PyTorch
    assert abs(remainder.std() - 1 / 6 / 3**0.5) < 0.01


def test_fewer_outputs_than_inputs_are_the_first_of_them():
    kernel = Dirac()((3, 1, 5, 2)).numpy()
    np.testing.assert_array_equal(kernel[1, 0], np.eye(5, 2))
    assert not kernel[[0, 2]].any()


def test_a_seed_repeats_and_travels_with_the_configuration():
    initializer = Dirac(seed=3)
    again = keras.initializers.deserialize(keras.initializers.serialize(initializer))
    np.testing.assert_array_equal(again((3, 3, 2, 6)), initializer((3, 3, 2, 6)))
    assert np.any(Dirac(seed=4)((3, 3, 2, 6)) != initializer((3, 3, 2, 6)))
