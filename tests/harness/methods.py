"""What every method must do."""

import copy
import functools
import pickle

import numpy as np
import tensorflow as tf

from .draws import check_draws
from .models import trains
from .shared import (
    MIXED_POLICIES,
    SHAPES,
    autoencoder_of,
    call,
    dtype_policy,
    images_of,
    labels_of,
    replicas,
    replicas_agree,
    same,
    saved_and_loaded,
)
from .steps import classifier_by, draw, train


def check_method(build):
    """Check a method.

    Args:
        build: Function of nothing, or of `image_shape`, that makes the method anew.
    """
    check_draws(build)
    image_shape = SHAPES[-1]
    make = functools.partial(call, build, image_shape)
    used = train(make(), image_shape)
    _method_is_copied_before_and_after_use(make, used, image_shape)
    _method_takes_weights_of_one_for_none(make, used, image_shape)
    _method_goes_on_after_its_classifier_is_copied_or_saved(used, image_shape)
    _method_trains_under_mixed_policies(functools.partial(call, build), image_shape)
    _method_trains_on_two_replicas(make, image_shape)


def _method_is_copied_before_and_after_use(make, used, image_shape):
    expected = draw(make(), image_shape)
    for one in (make(), used.method):
        for other in (copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
            assert type(other) is type(one)
            same(draw(other, image_shape), expected, atol=1e-4)


def _method_goes_on_after_its_classifier_is_copied_or_saved(classifier, image_shape):
    images = images_of(image_shape)
    copies = (
        copy.deepcopy(classifier),
        pickle.loads(pickle.dumps(classifier)),
        saved_and_loaded(classifier),
    )
    logits, drawn = classifier(images), draw(classifier.method, image_shape)
    train(classifier.method, image_shape, classifier, batches=1)
    for other in copies:
        assert type(other.method) is type(classifier.method)
        assert (int(other.step), other.seed) == (2, classifier.seed)
        same(draw(other.method, image_shape), drawn, atol=1e-4)
        np.testing.assert_allclose(other(images), logits, atol=1e-5)
        train(other.method, image_shape, other, batches=1)
        assert int(other.step) == int(classifier.step) == 3
        for mine, ours in zip(other.get_weights(), classifier.get_weights(), strict=True):
            np.testing.assert_allclose(mine, ours, rtol=1e-5, atol=1e-6)


def _method_takes_weights_of_one_for_none(make, plain, image_shape):
    weighted = train(make(), image_shape, sample_weight=np.ones(10))
    for one, other in zip(
        plain.backbone.get_weights(), weighted.backbone.get_weights(), strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def _method_trains_under_mixed_policies(build, image_shape):
    for policy in MIXED_POLICIES:
        with dtype_policy(policy):
            autoencoder_of.cache_clear()
            classifier = train(build(image_shape), image_shape)
            assert classifier(images_of(image_shape)).dtype == tf.float32
    autoencoder_of.cache_clear()


def _method_trains_on_two_replicas(make, image_shape):
    with replicas().scope():
        autoencoder_of.cache_clear()
        classifier = classifier_by(make(), image_shape)
    # The last batch is one image, so that the second replica has none.
    trains(classifier, images_of(image_shape, 5), labels_of(5), batch_size=4)
    replicas_agree(classifier.weights)
    assert [int(replica) for replica in classifier.step.value.values] == [2, 2]
    autoencoder_of.cache_clear()
