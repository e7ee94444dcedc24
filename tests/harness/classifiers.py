"""What every network must do."""

import keras
import numpy as np
import tensorflow as tf

from tf_varmixup.classifier import VicinalClassifier

from .models import (
    images_do_not_depend_on_each_other,
    model_is_copied_and_saved,
    model_is_the_same_under_xla,
    trains,
)
from .shared import (
    CLASSES,
    MIXED_POLICIES,
    SHAPES,
    dtype_policy,
    images_of,
    labels_of,
    replicas,
    replicas_agree,
)


def check_classifier(build):
    """Check a network.

    Args:
        build: Function of `image_shape` and `num_classes` that makes the model anew.
    """

    def make(image_shape=SHAPES[1]):
        keras.utils.set_random_seed(0)
        return build(image_shape, CLASSES)

    for image_shape in SHAPES:
        model, images = make(image_shape), images_of(image_shape, 7)
        logits = np.asarray(model(images))
        assert logits.shape == (7, CLASSES)
        assert logits.dtype == np.float32
        assert np.isfinite(logits).all()
        assert np.ptp(logits) > 0.0
        # What an image is does not hang on its type.
        for dtype in ("float32", "float64", "float16"):
            np.testing.assert_array_equal(model(images.astype(dtype)), logits)
        images_do_not_depend_on_each_other(model, images)
        _stages_are_named(model)
    model_is_the_same_under_xla(model, images)
    model_is_copied_and_saved(model, images, labels=labels_of(7))
    for policy in MIXED_POLICIES:
        with dtype_policy(policy):
            model = make()
            for training in (True, False):
                mixed = model(images, training=training)
                assert mixed.dtype == tf.float32
            assert all(one.dtype == "float32" for one in model.weights)
            trains(VicinalClassifier(model), images, labels_of(7))
    with replicas().scope():
        classifier = VicinalClassifier(make())
    trains(classifier, images[:6], labels_of(6), batch_size=4)
    replicas_agree(classifier.trainable_variables)


def _stages_are_named(model):
    stages = [layer for layer in model.layers if layer.name.startswith("stage")]
    number = sum(layer.name[5:].isdecimal() for layer in stages)
    assert number >= 1
    for stage in range(1, number + 1):
        assert len(model.get_layer(f"stage{stage}").output.shape) == 4
