import keras
import numpy as np
import pytest

import models
from models import ApplicationPreprocessing, classifier_builder, keras_application
from tests.harness import check_layer

IMAGES = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3)).astype("uint8")


@pytest.fixture(scope="module")
def network():
    return keras.applications.MobileNetV2(
        include_top=False, weights=None, input_shape=(32, 32, 3), pooling="avg"
    )


@pytest.fixture(scope="module")
def weights(network, tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "mobilenet_v2.weights.h5"
    network.save_weights(path)
    return path


def test_preprocessing():
    check_layer(lambda: ApplicationPreprocessing("resnet50"), (4, 4, 3))


@pytest.mark.parametrize("module", ["mobilenet_v2", "resnet50", "densenet", "efficientnet_v2"])
def test_images_are_scaled_as_the_network_has_them(module):
    expected = getattr(keras.applications, module).preprocess_input(IMAGES.astype("float32"))
    found = ApplicationPreprocessing(module)(IMAGES)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_every_network_has_its_preprocessing():
    for name in models.application_names():
        module = getattr(keras.applications, name).__module__.rpartition(".")[2]
        ApplicationPreprocessing(module)


def test_the_features_are_those_of_the_network_and_its_weights(network, weights):
    model = keras_application("MobileNetV2", (32, 32, 3), 5, weights)
    features = keras.Model(model.input, model.get_layer("logits").input)
    expected = network(keras.applications.mobilenet_v2.preprocess_input(IMAGES.astype("float32")))
    np.testing.assert_allclose(features(IMAGES), expected, rtol=1e-4, atol=1e-5)
    logits = model(IMAGES)
    assert logits.shape == (2, 5)
    assert logits.dtype == "float32"


@pytest.mark.slow
def test_gray_images_are_colored_ones_of_equal_channels(weights):
    gray = keras_application("MobileNetV2", (32, 32, 1), 5, weights)
    color = keras_application("MobileNetV2", (32, 32, 3), 5, weights)
    color.set_weights(gray.get_weights())
    np.testing.assert_array_equal(gray(IMAGES[..., :1]), color(IMAGES[..., :1].repeat(3, axis=3)))


@pytest.mark.slow
def test_a_saved_network_is_the_same(tmp_path):
    model = classifier_builder("keras:MobileNetV3Small")((32, 32, 3), 5)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(model(IMAGES), loaded(IMAGES))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("keras:EfficientNetV2B9", "Did you mean 'EfficientNetV2B"),
        ("keras:", "Received: ''"),
        ("EfficientNetV2B0", "Did you mean 'keras:EfficientNetV2B0'"),
    ],
)
def test_unknown_names_are_refused(name, message):
    with pytest.raises(ValueError, match=message):
        classifier_builder(name)


def test_images_that_are_too_small_are_refused():
    with pytest.raises(ValueError, match="Expected keras:MobileNetV2 to take images of 8 x 8"):
        keras_application("MobileNetV2", (8, 8, 3), 5)


def test_weights_of_another_network_are_refused(weights, tmp_path):
    with pytest.raises(ValueError, match="and the weights of"):
        keras_application("MobileNet", (32, 32, 3), 5, weights)
    with pytest.raises(ValueError, match="which is none"):
        classifier_builder("keras:MobileNet", tmp_path / "none.h5")
    with pytest.raises(ValueError, match="Expected classifier_weights with a classifier keras:"):
        classifier_builder("compact", weights)
