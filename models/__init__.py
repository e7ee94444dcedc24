"""Keras models: the variational autoencoder and the classifiers."""

import functools
import os
import re
from collections.abc import Callable

import keras

import tf_varmixup.metrics
from tf_varmixup.checks import suggestion
from tf_varmixup.classifier import VicinalClassifier
from tf_varmixup.methods import VicinalComposition, method_class, method_signatures

from .airbench import airbench
from .application_preprocessing import ApplicationPreprocessing
from .compact import compact
from .fused_batch_normalization import FusedBatchNormalization
from .keras_application import application_names, check_application, keras_application
from .latent_model import LatentModel
from .resnet import resnet
from .variational_autoencoder import VariationalAutoencoder
from .wide_resnet import check_depth_and_width, wide_resnet

__all__ = [
    "ApplicationPreprocessing",
    "FusedBatchNormalization",
    "LatentModel",
    "VariationalAutoencoder",
    "airbench",
    "classifier_builder",
    "compact",
    "keras_application",
    "resnet",
    "wide_resnet",
]

# Keras loads a class only if its module was imported, and `import tf_varmixup` alone imports none.
# With these, `import models` is enough for every `.keras` file of this library.
_REGISTERED = [
    VicinalClassifier,
    VicinalComposition,
    tf_varmixup.metrics,
    *map(method_class, method_signatures()),
]

NETWORKS: dict[str, Callable[..., keras.Model]] = {"airbench": airbench, "compact": compact}
KNOWN_CLASSIFIERS = (
    "airbench, compact, compact-WIDTH, resnet18, resnet34, wrn-DEPTH-WIDTH (such as wrn-16-4), "
    "keras:NAME (such as keras:EfficientNetV2B0)"
)


def classifier_builder(
    name: str, weights: str | os.PathLike[str] | None = None
) -> Callable[..., keras.Model]:
    """Find a classifier by its name.

    Args:
        name: `"airbench"`, `"compact"`, `"compact-WIDTH"`, `"resnet18"`, `"resnet34"`,
            `"wrn-DEPTH-WIDTH"`, or `"keras:NAME"` for a network of `keras.applications`.
        weights: A file of weights for a network of `keras.applications`, or None.

    Returns:
        A function of `image_shape` `(H, W, C)` and `num_classes` K that builds a `keras.Model` from
        images `(B, H, W, C)` in 0..255 to `float32` logits `(B, K)`.

    Raises:
        ValueError: For an unknown name; the message lists the known ones. For weights of another
            network than one of `keras.applications`, or that are no file.

    Example:
        >>> classifier_builder("wrn-10-1")((8, 8, 3), 10).output_shape
        (None, 10)
    """
    if match := re.fullmatch(r"keras:(.*)", name):
        check_application(match[1], weights)
        return functools.partial(keras_application, match[1], weights=weights)
    if weights is not None:
        raise ValueError(
            "Expected classifier_weights with a classifier keras:NAME. "
            f"Received: {weights} with {name!r}."
        )
    if name in NETWORKS:
        return NETWORKS[name]
    if match := re.fullmatch(r"compact-([1-9]\d*)", name):
        return functools.partial(compact, width=int(match[1]))
    if match := re.fullmatch(r"resnet(18|34)", name):
        return functools.partial(resnet, int(match[1]))
    if match := re.fullmatch(r"wrn-(\d+)-(\d+)", name):
        depth, width = int(match[1]), int(match[2])
        check_depth_and_width(depth, width)
        return functools.partial(wide_resnet, depth, width)
    known = [*NETWORKS, "resnet18", "resnet34", "wrn-16-4", "wrn-28-10"]
    known += [f"keras:{one}" for one in application_names()]
    raise ValueError(
        f"Expected a classifier, one of {KNOWN_CLASSIFIERS}. "
        f"Received: {name!r}.{suggestion(name, known)}"
    )
