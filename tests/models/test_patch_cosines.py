import numpy as np
import pytest
import scipy.fft
import tensorflow as tf

from models.patch_cosines import PatchCosines


@pytest.mark.parametrize("patch", [(2, 2, 1), (2, 2, 3), (3, 4, 3)])
def test_each_output_is_a_coefficient_of_the_patch(patch):
    pixels = np.random.default_rng(0).normal(size=patch).astype("float32")
    kernel = PatchCosines()((*patch, np.prod(patch)))
    coefficients = tf.nn.conv2d(pixels[None], kernel, 1, "VALID")[0, 0, 0]
    np.testing.assert_allclose(coefficients, scipy.fft.dctn(pixels, norm="ortho").ravel(), atol=1e-5)


def test_another_number_of_outputs_is_refused():
    with pytest.raises(ValueError, match=r"patches of shape \(2, 2, 3\) have 12 coefficients, not 8"):
        PatchCosines()((2, 2, 3, 8))
