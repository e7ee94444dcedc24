"""The strength of a blur that loses as much as an autoencoder does."""

import dataclasses
from typing import TypeVar

import keras
import numpy as np
from scipy import optimize

from tf_varmixup import data
from tf_varmixup.corruptions.matrices import gaussian_matrix
from tf_varmixup.methods.blur import BORDER
from tf_varmixup.run.presets import FITTED
from tf_varmixup.run.recipe import Recipe, ResolvedRecipe

_Recipe = TypeVar("_Recipe", bound=Recipe)

IMAGES = 1000  # of the validation images


def fit_blur(images: np.ndarray, mse: float) -> float:
    """Find the Gaussian blur that changes images by a given mean squared error.

    Args:
        images: `uint8` or floating array `(N, H, W, C)` in 0..255, at least one.
        mse: Positive number, the mean squared difference of images and blurred images, in units of
            images in [0, 1].

    Returns:
        Sigma in pixels, the standard deviation of the blur of `tf_varmixup.methods.Blur`. Where no
        blur changes the images by that much it is the longer side, which leaves of each image
        little but its mean.

    Example:
        >>> images = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 1)).astype("uint8")
        >>> round(fit_blur(images, blur_error(images, sigma=1.5)), 3)
        1.5
    """
    weakest, strongest = 1e-2, float(max(images.shape[1:3]))
    if blur_error(images, strongest) <= mse:
        return strongest
    # The error goes with the logarithm of sigma rather than with sigma itself.
    found = optimize.brentq(
        lambda logarithm: np.sqrt(blur_error(images, np.exp(logarithm))) - np.sqrt(mse),
        np.log(weakest),
        np.log(strongest),
        xtol=1e-4,
    )
    return float(np.exp(found))


def blur_error(images: np.ndarray, sigma: float) -> float:
    """Return the mean squared difference of images and blurred images, in units of [0, 1].

    Args:
        images: `uint8` or floating array `(N, H, W, C)` in 0..255.
        sigma: Of the blur, in pixels.

    Returns:
        A number.

    Example:
        >>> blur_error(np.full((1, 8, 8, 1), 100, "uint8"), sigma=2.0) < 1e-9
        True
    """
    planes = np.moveaxis(np.asarray(images, np.float32) / 255.0, 3, 1)
    rows, columns = (
        gaussian_matrix(side, sigma, BORDER).astype(np.float32) for side in planes.shape[2:]
    )
    return float(np.mean((rows @ planes @ columns.T - planes) ** 2, dtype=np.float64))


def fitted_names(recipe: Recipe) -> list[str]:
    """Return the names of a method's parameters that are to be fitted to the autoencoder."""
    return [name for name, value in recipe.method_parameters.items() if value == FITTED]


def with_fitted(recipe: _Recipe, sigma: float) -> _Recipe:
    """Return a recipe in which what is to be fitted has this value."""
    fitted = dict.fromkeys(fitted_names(recipe), sigma)
    return dataclasses.replace(recipe, method_parameters={**recipe.method_parameters, **fitted})


def fit_parameters(
    recipe: ResolvedRecipe, autoencoder: keras.Model, dataset: data.Dataset
) -> tuple[ResolvedRecipe, dict[str, float]]:
    """Fit the blur of a method to the autoencoder, where the recipe asks for that.

    Args:
        recipe: A `ResolvedRecipe`.
        autoencoder: A trained `VariationalAutoencoder`.
        dataset: A `tf_varmixup.data.Dataset`, whose validation images are looked at.

    Returns:
        The recipe with the number in it; and a dict of `sigma`, and the mean squared errors
        `blur_mse` and `reconstruction_mse` of the validation images, in units of images in [0, 1].
        Where nothing is to be fitted, the recipe itself and an empty dict.
    """
    if not fitted_names(recipe):
        return recipe, {}
    images = dataset.validation.images[:IMAGES]
    parts = (
        images[first : first + recipe.batch_size]
        for first in range(0, len(images), recipe.batch_size)
    )
    squares = [
        np.square((np.asarray(autoencoder.decode(autoencoder.posterior(part).mean())) - part) / 255)
        for part in parts
    ]
    mse = float(np.mean(np.concatenate(squares), dtype=np.float64))
    sigma = fit_blur(images, mse)
    facts = {"sigma": sigma, "blur_mse": blur_error(images, sigma), "reconstruction_mse": mse}
    return with_fitted(recipe, sigma), facts
