"""What every method must make of a batch, whatever its parameters."""

import functools

import keras
import numpy as np
import tensorflow as tf

from tf_varmixup import draws
from tf_varmixup.methods import Batch, VicinalDistribution

from .shared import CLASSES, COUNTS, LOSS, SHAPES, call, images_of, in_range, labels_of, same
from .steps import bystander, draw


def check_draws(build):
    """Check what a method makes of a batch: the part of `check_method` that hangs on parameters.

    Args:
        build: As of `check_method`.
    """
    for image_shape, counts in zip(SHAPES, (COUNTS[-1:], COUNTS), strict=True):
        make = functools.partial(call, build, image_shape)
        _method_draws_images_and_labels(make, image_shape, counts)
    _method_keeps_its_parameters(make)
    _method_draws_the_same_from_the_same_seed(make, image_shape)
    _method_steps_the_same_under_xla(make, image_shape)


def _method_keeps_its_parameters(make):
    method = make()
    _have_the_same_parameters(type(method).from_config(method.get_config()), method)
    assert method.metrics == []


def _have_the_same_parameters(again, method):
    assert type(again) is type(method)
    for name, value in method.parameters().items():
        assert f"{name}=" in repr(method)
        if name == "parts":  # of a composition
            for one, other in zip(again.parts, value, strict=True):
                _have_the_same_parameters(one, other)
        elif not isinstance(value, keras.Model):
            assert getattr(again, name) == value, name


def _method_draws_images_and_labels(make, image_shape, counts):
    for count in counts:
        images, labels = images_of(image_shape, count), labels_of(count)
        method, classifier = make(), bystander(image_shape)
        drawn = method.draw(classifier, Batch(images, labels), draws.run_seed(3))
        for part in tf.nest.flatten(drawn.inputs):
            if len(part.shape) == 4:
                assert part.shape[1:] == image_shape
                in_range(part)
                assert np.max(part) > 1.0
        assert drawn.labels.dtype == tf.float32 if tf.is_tensor(drawn.labels) else True
        if isinstance(method, VicinalDistribution):
            assert drawn.inputs.dtype == drawn.labels.dtype == tf.float32
            assert drawn.inputs.shape == images.shape
            assert drawn.labels.shape == labels.shape
        found = np.asarray(drawn.labels)
        assert found.shape[1] == CLASSES
        assert found.min() >= 0.0
        np.testing.assert_allclose(found.sum(1), 1.0, rtol=1e-6)
        # What an image is does not hang on its type.
        floats = Batch(images.astype("float32"), labels)
        same(method.draw(classifier, floats, draws.run_seed(3)), drawn, atol=1e-4)
        logits = tf.cast(method.forward(classifier.backbone, drawn.inputs), tf.float32)
        assert logits.shape[0] >= len(found)
        assert logits.shape[1] == CLASSES
        penalty = method.penalty(logits)
        if penalty is not None:
            assert np.shape(penalty) == ()
            assert np.isfinite(penalty)


def _method_draws_the_same_from_the_same_seed(make, image_shape):
    first, other = draw(make(), image_shape), draw(make(), image_shape)
    same(first, other)
    method = make()
    if isinstance(method, VicinalDistribution):
        images, labels = images_of(image_shape, 7), labels_of(7)
        # Batch by batch in a graph, the last one short, as in the steps.
        batches = tf.data.Dataset.from_tensor_slices((images, labels)).batch(4)
        mapped = list(method.map(batches, seed=3, first_step=5))
        assert len(mapped) == 2
        for step, (batch, drawn) in enumerate(zip(batches, mapped, strict=True), start=5):
            seed = draws.fold(draws.run_seed(3), step, 0)
            same(method.draw(None, Batch(*batch), seed), Batch(*drawn), atol=2.5e-3)


def _method_steps_the_same_under_xla(make, image_shape):
    method, classifier = make(), bystander(image_shape)

    def step(images, labels, seed):
        drawn = method.draw(classifier, Batch(images, labels), seed)
        with tf.GradientTape() as tape:
            logits = tf.cast(method.forward(classifier.backbone, drawn.inputs), tf.float32)
            penalty = method.penalty(logits)
            labeled = logits[: drawn.labels.shape[0]]
            loss = LOSS(drawn.labels, labeled) + (0.0 if penalty is None else penalty)
        gradients = tape.gradient(loss, classifier.backbone.trainable_variables)
        return drawn.inputs, (drawn.labels, logits, penalty), gradients

    arguments = tf.constant(images_of(image_shape, 7)), labels_of(7), draws.run_seed(3)
    # Keras keeps AutoGraph, which takes as long as XLA here, away from its steps, too.
    compiled = tf.function(step, autograph=False, jit_compile=True)(*arguments)
    plain = step(*arguments)
    for found, expected, atol in zip(compiled, plain, (0.025, 1e-2, 1e-3), strict=True):
        same([found], [expected], atol=atol)
    assert all(np.ptp(gradient) > 0.0 for gradient in plain[2])
