import numpy as np
import pytest
import tensorflow as tf
from scipy import ndimage

from tf_varmixup import draws
from tf_varmixup.methods import Blur, Mixup
from tf_varmixup.methods.blur import blurred

SEED = draws.run_seed(4)


@pytest.mark.parametrize("sigma", [0.8, 3.0])
@pytest.mark.parametrize("shape", [(3, 12, 9, 3), (1, 8, 8, 1)])
def test_the_blur_is_scipys(sigma, shape):
    images = np.random.default_rng(0).integers(0, 256, shape).astype("uint8")
    widths = (0, sigma, sigma, 0)
    expected = ndimage.gaussian_filter(images.astype("float64"), widths, mode="reflect")
    for compile_it in (False, True):
        found = tf.function(blurred, jit_compile=compile_it)(images, sigma)
        np.testing.assert_allclose(found, expected, atol=1e-3)


def test_an_impulse_spreads_by_sigma_and_no_light_is_lost():
    image = np.zeros((1, 33, 33, 1), "uint8")
    image[0, 16, 16] = 200
    found = np.asarray(blurred(image, sigma=2.0))[0, :, :, 0]
    assert found.sum() == pytest.approx(200, rel=1e-5)
    offsets = np.arange(-16, 17)
    assert (found.sum(0) * offsets**2).sum() / 200 == pytest.approx(4.0, rel=0.01)
    noise = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 3))
    np.testing.assert_allclose(np.mean(blurred(noise, 3.0), (1, 2)), noise.mean((1, 2)), rtol=1e-5)


def test_it_is_mixup_of_blurred_images(images, labels):
    drawn, mixed = Blur(1.3, alpha=0.6, lambda_per="batch").sample(images, labels, SEED)
    mixup = Mixup(alpha=0.6, lambda_per="batch")
    np.testing.assert_array_equal(mixed, mixup.sample(images, labels, SEED)[1])
    first = mixup.sample(blurred(images, 1.3), labels, SEED)[0]
    np.testing.assert_allclose(drawn, first, atol=1e-3)


def test_the_clean_share_is_not_blurred(images, labels):
    drawn, _ = Blur(2.0, clean_share=0.5).sample(images, labels, SEED)
    np.testing.assert_array_equal(drawn[:4], images[:4])
    assert np.std(drawn[4:]) < 0.5 * np.std(images)


@pytest.mark.parametrize("sigma", [0, -1.0, float("nan"), "fitted"])
def test_a_bad_sigma_is_named(sigma):
    with pytest.raises(ValueError, match=f"sigma to be a positive number. Received: {sigma!r}"):
        Blur(sigma)
