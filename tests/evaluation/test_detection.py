"""What a classifier of another origin takes and returns is found out, or asked for."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tf_varmixup.evaluation.detection import ModelForm, are_probabilities, detect_form

SHAPE = (8, 8, 1)
IMAGES = tf.TensorSpec((None, *SHAPE), tf.float32)


def classifier(*first, last="linear"):
    dense = layers.Dense(3, activation=last)
    return keras.Sequential([keras.Input(SHAPE), *first, layers.Flatten(), dense])


def by_arithmetic():
    images = keras.Input(SHAPE)
    x = layers.Conv2D(2, 3)(layers.ZeroPadding2D(1)((images - 127.5) / 127.5))
    return keras.Model(images, layers.GlobalAveragePooling2D()(x))


def normalized_first():
    """As after a training on 0..255, which the moving averages of the first layer remember."""
    model = classifier(layers.BatchNormalization())
    model.layers[0].moving_mean.assign([80.0])
    model.layers[0].moving_variance.assign([60.0**2])
    return model


def nested():
    return classifier(layers.Resizing(6, 6), keras.Sequential([layers.Rescaling(1 / 255)]))


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (nested, (0, 255)),
        (by_arithmetic, (0, 255)),
        (normalized_first, (0, 255)),
        (lambda: classifier(layers.Normalization(mean=0.47, variance=0.06)), (0, 1)),
        (lambda: classifier(layers.Rescaling(2.0, -1.0)), (0, 1)),
        (lambda: classifier(layers.Rescaling(127.5, 127.5)), (-1, 1)),
        (lambda: classifier(layers.Normalization(mean=116.0, variance=1.0)), (0, 255)),
        (lambda: classifier(layers.BatchNormalization()), None),
        # Bright images in [-1, 1]; none in [0, 1] deviate by more than a half.
        (lambda: classifier(layers.Normalization(mean=0.3, variance=0.36)), None),
        (classifier, None),
    ],
)
def test_the_range_of_images_is_read_off_what_reaches_the_first_kernel(build, expected):
    form = detect_form(build(), IMAGES)
    assert form.value_range == expected
    assert form.from_logits
    if expected is None:
        assert "leave the images as they are" in form.images_because


@pytest.mark.parametrize(("mean", "deviation"), [(4.9, 6.0), (2.0, 1.0), (1.0, 14.0)])
def test_layers_made_for_images_of_no_usual_range_are_asked_about(mean, deviation):
    form = detect_form(classifier(layers.Normalization(mean=mean, variance=deviation**2)), IMAGES)
    assert form.value_range is None
    low, high = -mean / deviation, (255 - mean) / deviation
    assert f"0 to {low:.3g} and 255 to {high:.3g}, as for images" in form.images_because


def test_percentages_are_neither_logits_nor_probabilities():
    percent = classifier(layers.Rescaling(1 / 255), last="softmax")
    images = keras.Input(SHAPE)
    form = detect_form(keras.Model(images, layers.Rescaling(100.0)(percent(images))), IMAGES)
    assert form.from_logits is None
    assert "each row sums to 100" in form.outputs_because


def test_what_a_model_does_to_its_range_is_said():
    form = detect_form(classifier(layers.Rescaling(1 / 127.5, -1.0), last="softmax"), IMAGES)
    assert (form.from_logits, form.value_range) == (False, (0, 255))
    assert form.images_because == "its own layers take 0 to -1 and 255 to 1"
    assert form.outputs_because == "every row of its outputs is nonnegative and sums to 1"


def test_integers_can_only_be_0_to_255():
    spec = tf.TensorSpec((None, 4, 4, 3), tf.uint8)

    def model(images, training):
        return tf.reduce_mean(tf.cast(images, tf.float32), (1, 2))

    assert detect_form(model, spec).value_range == (0, 255)


def test_sigmoids_are_neither_logits_nor_probabilities():
    form = detect_form(classifier(layers.Rescaling(1 / 255), last="sigmoid"), IMAGES)
    assert form.from_logits is None
    assert form.stated(from_logits=True).from_logits
    with pytest.raises(ValueError, match=r"Expected from_logits=True, since its outputs lie in"):
        form.stated(from_logits=False)


def test_a_softmax_over_the_batch_gives_no_probabilities():
    def model(images, training):
        return tf.nn.softmax(tf.reduce_mean(images, (2, 3)) / 255.0, 0)

    assert detect_form(model, IMAGES).from_logits is None


def test_a_statement_against_the_outputs_is_refused_and_one_about_images_taken():
    form = ModelForm(False, (0, 255), "its rows sum to 1", "its layers say so")
    with pytest.raises(ValueError, match=r"Expected from_logits=False, since its rows sum to 1"):
        form.stated(from_logits=True)
    stated = form.stated(False, (0, 1))
    assert stated.value_range == (0, 1)
    assert stated.images_because == "as stated, although its layers say so"
    assert form.stated(value_range=(0, 255)) == form
    with pytest.raises(ValueError, match="Expected value_range to be one of"):
        form.stated(value_range=(0, 2))


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (lambda images: tf.math.log(-1.0 - images[:, 0, :, 0]), "finite outputs"),
        (lambda images: images[:, :, 0], r"outputs \(8, K\)"),
    ],
)
def test_what_is_no_classifier_is_refused(last, words):
    with pytest.raises(ValueError, match=words):
        detect_form(lambda images, training: last(images), IMAGES)


def test_half_precision_sums_to_1_and_logits_do_not():
    probabilities = tf.nn.softmax(np.random.default_rng(0).normal(size=(50, 10)) * 3.0)
    assert are_probabilities(tf.cast(tf.cast(probabilities, tf.bfloat16), tf.float32))
    assert not are_probabilities(np.array([[0.5, 0.5], [0.2, 0.2]]))
    assert not are_probabilities(np.array([[1.5, -0.5]]))
