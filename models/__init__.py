"""Keras models: the variational autoencoder and the classifiers."""

import functools
import re

from .airbench import airbench
from .compact import compact
from .fused_batch_normalization import FusedBatchNormalization
from .resnet import resnet
from .variational_autoencoder import VariationalAutoencoder
from .wide_resnet import check_depth_and_width, wide_resnet

__all__ = [
    "FusedBatchNormalization",
    "VariationalAutoencoder",
    "airbench",
    "classifier_builder",
    "compact",
    "resnet",
    "wide_resnet",
]

NETWORKS = {"airbench": airbench, "compact": compact}
KNOWN_CLASSIFIERS = "airbench, compact, resnet18, resnet34, wrn-DEPTH-WIDTH (such as wrn-16-4)"


def classifier_builder(name):
    """Find a classifier by its name.

    Args:
        name: `"airbench"`, `"compact"`, `"resnet18"`, `"resnet34"`, or `"wrn-DEPTH-WIDTH"`.

    Returns:
        A function of `image_shape` `(H, W, C)` and `num_classes` K that builds a `keras.Model` from
        `float32 (B, H, W, C)` in [0, 1] to `float32` logits `(B, K)`.

    Raises:
        ValueError: for an unknown name; the message lists the known ones.

    Example:
        >>> backbone = classifier_builder("wrn-16-4")((32, 32, 3), 10)
    """
    if name in NETWORKS:
        return NETWORKS[name]
    if match := re.fullmatch(r"resnet(18|34)", name):
        return functools.partial(resnet, int(match[1]))
    if match := re.fullmatch(r"wrn-(\d+)-(\d+)", name):
        depth, width = int(match[1]), int(match[2])
        check_depth_and_width(depth, width)
        return functools.partial(wide_resnet, depth, width)
    raise ValueError(f"unknown classifier {name!r}; known are {KNOWN_CLASSIFIERS}.")
