"""What every method must do."""

import copy
import functools
import pickle

import numpy as np
import tensorflow as tf

from .draws import check_draws
from .models import optimizers_agree, trains
from .shared import (
    MIXED_POLICIES,
    SHAPES,
    call,
    dtype_policy,
    images_for_replicas,
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
    # Keras has one function for both ways of copying, `__reduce__`.
    copied = copy.deepcopy(make()), pickle.loads(pickle.dumps(used.method))
    for other in copied:
        assert type(other) is type(used.method)
        same(draw(other, image_shape), expected, atol=1e-4)


def _method_goes_on_after_its_classifier_is_copied_or_saved(classifier, image_shape):
    images = images_of(image_shape)
    loaded = saved_and_loaded(classifier)
    logits, drawn = classifier(images), draw(classifier.method, image_shape)
    for other in (copy.deepcopy(classifier), loaded):
        assert type(other.method) is type(classifier.method)
        assert (int(other.step), other.seed) == (2, classifier.seed)
        np.testing.assert_allclose(other(images), logits, atol=1e-5)
        for mine, ours in zip(other.variables, classifier.variables, strict=True):
            np.testing.assert_array_equal(mine, ours, err_msg=mine.path)
        optimizers_agree(classifier, other)
    # What goes on from the same state goes on in the same way.
    same(draw(loaded.method, image_shape), drawn, atol=1e-4)
    for one in (classifier, loaded):
        train(one.method, image_shape, one, batches=1)
        assert int(one.step) == 3
    for mine, ours in zip(loaded.get_weights(), classifier.get_weights(), strict=True):
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
            classifier = train(build(image_shape), image_shape, batches=1)
            assert classifier(images_of(image_shape)).dtype == tf.float32


def _method_trains_on_two_replicas(make, image_shape):
    with replicas().scope():
        classifier = classifier_by(make(), image_shape)
    count = images_for_replicas()
    trains(classifier, images_of(image_shape, count), labels_of(count), batch_size=4)
    replicas_agree(classifier.weights)
    assert [int(replica) for replica in classifier.step.value.values] == [2, 2]
