"""Gaussian noise, as a method and around decoded images."""

import numpy as np
import pytest

from tests.harness import autoencoder_of
from tf_varmixup import draws
from tf_varmixup.methods import Gaussian, VarMixup
from tf_varmixup.methods.noise import add_noise

GRAY = np.full((64, 8, 8, 3), 128, "uint8")
LABELS = np.eye(64, dtype="float32")


def differences(method, seed=0):
    images, labels = method.sample(GRAY, LABELS, draws.run_seed(seed))
    np.testing.assert_array_equal(labels, LABELS)
    return np.asarray(images) - 128.0


def test_noise_of_a_fixed_scale_is_a_gaussian_of_it():
    noise = differences(Gaussian(noise=0.1))
    # 12,288 numbers: the mean is within 4 standard errors, the deviation within 3 %.
    assert abs(noise.mean()) < 4 * 25.5 / np.sqrt(noise.size)
    assert noise.std() == pytest.approx(25.5, rel=0.03)
    assert np.abs(noise.std((1, 2, 3)) - 25.5).max() < 6.0
    assert abs(np.corrcoef(noise[0].ravel(), noise[1].ravel())[0, 1]) < 0.3


def test_noise_of_a_drawn_scale_is_uniform_up_to_it():
    scales = np.concatenate(
        [differences(Gaussian(0.1, "uniform"), seed).std((1, 2, 3)) for seed in range(8)]
    )
    shares = scales / 25.5
    assert shares.max() < 1.25
    for share in (0.25, 0.5, 0.75):
        assert np.mean(shares < share) == pytest.approx(share, abs=0.07)


def test_noise_is_clipped_to_the_range_of_images():
    drawn = add_noise(np.array([0, 255], "uint8").reshape(2, 1, 1, 1), 0.5, "fixed", [0, 3])
    assert np.min(drawn) >= 0.0
    assert np.max(drawn) <= 255.0


def test_the_clean_share_has_no_noise():
    noise = differences(Gaussian(0.1, clean_share=0.25))
    assert (noise[:16] == 0.0).all()
    assert (noise[16:].std((1, 2, 3)) > 15.0).all()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"noise": 0}, "noise to be a positive number. Received: 0"),
        ({"noise_draw": "normal"}, "one of 'fixed', 'uniform'. Received: 'normal'"),
        ({"clean_share": 1}, "clean_share to be a number of at least 0 and below 1. Received: 1"),
    ],
    ids=str,
)
def test_bad_parameters_are_named(parameters, message):
    with pytest.raises(ValueError, match=message):
        Gaussian(**parameters)


@pytest.mark.parametrize("noise", [25.0, 1.01])
def test_noise_in_levels_is_refused(noise):
    message = rf"noise in units of images in \[0, 1\].* Received: {noise}"
    with pytest.raises(ValueError, match=message):
        Gaussian(noise=noise)
    with pytest.raises(ValueError, match=message):
        VarMixup(autoencoder_of((8, 8, 3)), noise=noise)
