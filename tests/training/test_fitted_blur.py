"""The strength of a blur, from images and from an autoencoder."""

import dataclasses

import numpy as np
import pytest
from scipy import ndimage

from models import VariationalAutoencoder
from tf_varmixup import data
from tf_varmixup.commands.recipe_flags import parse_recipe
from tf_varmixup.methods import Blur
from tf_varmixup.training import (
    check_method,
    fit_blur,
    fit_parameters,
    make_autoencoder,
    make_method,
)

FITTED = {"sigma": "fitted"}


@pytest.fixture(scope="module")
def digits():
    return data.load_data("digits").validation.images


@pytest.fixture
def autoencoder():
    return VariationalAutoencoder((8, 8, 1), width=4, blocks=1, latent_size=2)


@pytest.mark.parametrize("sigma", [0.4, 0.7, 1.0, 2.5])
def test_a_known_blur_is_found_again(digits, sigma):
    blurred = ndimage.gaussian_filter(digits.astype("float64"), (0, sigma, sigma, 0))
    mse = np.mean(((blurred - digits) / 255) ** 2)
    assert fit_blur(digits, mse) == pytest.approx(sigma, rel=0.01)


def test_a_known_blur_is_found_again_in_color():
    images = np.random.default_rng(0).integers(0, 256, (5, 20, 12, 3)).astype("uint8")
    blurred = ndimage.gaussian_filter(images.astype("float64"), (0, 1.2, 1.2, 0))
    assert fit_blur(images, np.mean(((blurred - images) / 255) ** 2)) == pytest.approx(
        1.2, rel=0.01
    )


def test_an_error_beyond_any_blur_gives_the_strongest(digits):
    assert fit_blur(digits, 1.0) == 8.0
    assert fit_blur(digits[:, :4], 1.0) == 8.0


def test_the_command_line_fits_unless_it_is_told(recipe, dataset):
    flags = ["--dataset", "digits", "--method", "blur"]
    fitted, given = parse_recipe(flags), parse_recipe([*flags, "--sigma", "0.7"])
    assert fitted.config()["sigma"] == "fitted"
    assert given.config()["sigma"] == 0.7
    for one, needed in ((fitted, True), (given, False)):
        settings = recipe(method="blur", method_parameters=one.method_parameters)
        assert (make_autoencoder((8, 8, 1), settings) is not None) == needed
        check_method(settings, None, dataset)
    with pytest.raises(ValueError, match=r"sigma to be a positive number. Received: 'fitted'"):
        make_method(fitted, None)


def test_the_blur_loses_as_much_as_the_autoencoder(recipe, dataset, digits, autoencoder):
    """An autoencoder that blurs by a known sigma."""

    class Blurring:
        def posterior(self, images):
            self.images = np.asarray(images, "float64")
            return self

        def mean(self):
            return self.images

        def decode(self, latents):
            return ndimage.gaussian_filter(latents, (0, 0.9, 0.9, 0))

    dataset = dataclasses.replace(
        dataset, validation=data.Split(digits, np.zeros(len(digits), "int64"))
    )
    settings = recipe(method="blur", method_parameters={**FITTED, "alpha": 0.5})
    found, facts = fit_parameters(settings, Blurring(), dataset)
    assert facts["sigma"] == pytest.approx(0.9, rel=0.01)
    assert facts["blur_mse"] == pytest.approx(facts["reconstruction_mse"], rel=0.01)
    method = make_method(found, autoencoder)
    assert isinstance(method, Blur)
    assert method.parameters() == {
        "sigma": facts["sigma"],
        "alpha": 0.5,
        "lambda_per": "image",
        "clean_share": 0.0,
    }
    assert settings.method_parameters["sigma"] == "fitted"


def test_a_real_autoencoder_is_matched_too(recipe, dataset, autoencoder):
    settings = recipe(method="blur", method_parameters=FITTED)
    _, facts = fit_parameters(settings, autoencoder, dataset)
    images = dataset.validation.images
    expected = np.mean(((np.asarray(autoencoder.reconstruct(images)) - images) / 255.0) ** 2)
    assert facts["reconstruction_mse"] == pytest.approx(expected, rel=1e-5)


def test_nothing_is_fitted_where_nothing_is_asked(recipe, dataset):
    for settings in (recipe(), recipe(method="blur", method_parameters={"sigma": 2.0})):
        assert fit_parameters(settings, None, dataset) == (settings, {})
