import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tests.classifier.common import (
    CLASSES,
    IMAGES,
    LABELS,
    LOSS,
    cross_entropy,
    fit,
    make,
    make_backbone,
    make_eager,
)
from tf_varmixup.classifier import VicinalClassifier
from tf_varmixup.methods import (
    Mixup,
    VarMixup,
    VicinalDistribution,
)


@pytest.mark.parametrize(
    ("labels", "shape"),
    [(CLASSES, r"shape \(4,\)"), (CLASSES[:, None], r"shape \(4, 1\)"), (None, "none")],
)
def test_labels_that_cannot_be_mixed_are_refused(labels, shape):
    model = VicinalClassifier(make_backbone(), Mixup())
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    with pytest.raises(
        ValueError,
        match=rf"Expected one-hot or soft labels \(B, K\).*Received: {shape}",
    ):
        fit(model, labels=labels)


def test_evaluation_and_prediction_see_the_images_as_they_are():
    class Refusing(VicinalDistribution):
        def sample(self, images, labels, seed):
            raise AssertionError("drawn from outside training")

    model = make(Refusing())
    logits = make_backbone()(IMAGES.astype("float32"))
    np.testing.assert_allclose(model.predict(IMAGES, verbose=0), logits, atol=1e-5)
    logs = model.evaluate(IMAGES, LABELS, verbose=0, return_dict=True)
    assert logs["loss"] == pytest.approx(cross_entropy(logits, LABELS).mean(), rel=1e-5)
    assert logs["accuracy"] == pytest.approx((logits.numpy().argmax(1) == CLASSES).mean())


def test_what_an_image_means_does_not_hang_on_its_dtype():
    model = make(None)
    expected = tf.nn.softmax(model.predict(IMAGES, verbose=0)).numpy()
    inputs = keras.Input((8, 8, 3))
    for wrapped in (
        keras.Sequential([model, layers.Softmax()]),
        keras.Sequential([layers.RandomFlip(), model, layers.Softmax()]),
        keras.Model(inputs, layers.Softmax()(model(inputs))),
    ):
        given = wrapped.predict(IMAGES, verbose=0)
        np.testing.assert_allclose(given, expected, atol=1e-6)


def test_a_training_of_a_model_around_it_is_refused_since_its_method_would_not_draw():
    around = keras.Sequential([layers.RandomFlip(), make(Mixup())])
    around.compile("sgd", keras.losses.CategoricalCrossentropy(from_logits=True))
    with pytest.raises(ValueError, match="to be fitted itself"):
        around.fit(IMAGES, LABELS, verbose=0)
    assert around.predict(IMAGES, verbose=0).shape == (16, 3)


@pytest.mark.parametrize(
    "loss",
    [
        "categorical_crossentropy",
        keras.losses.categorical_crossentropy,
        keras.losses.CategoricalCrossentropy(),
        keras.losses.CategoricalFocalCrossentropy(),
    ],
)
def test_a_loss_of_probabilities_is_refused(loss):
    model = make(None)
    model.compile("sgd", loss)
    for train in (model.fit, model.train_on_batch):
        with pytest.raises(ValueError, match=r"a loss of logits.* which takes probabilities"):
            train(IMAGES, LABELS)


@pytest.mark.parametrize("piped", [False, True])
def test_images_in_another_range_are_refused_wherever_keras_takes_them(piped):
    def given(images):
        if not piped:
            return {"x": images, "y": LABELS}
        return {"x": tf.data.Dataset.from_tensor_slices((images, LABELS)).batch(8)}

    model = make(None)
    right, wrong = given(IMAGES), given(IMAGES / 255.0)
    held_out = wrong["x"] if piped else (wrong["x"], LABELS)
    with pytest.raises(ValueError, match="which looks like"):
        model.fit(**right, validation_data=held_out, verbose=0)
    assert int(model.step) == 0
    with pytest.raises(ValueError, match="which looks like"):
        model.evaluate(**wrong, verbose=0)
    with pytest.raises(ValueError, match="which looks like"):
        model.predict(wrong["x"], verbose=0)
    held_out = right["x"] if piped else (right["x"], LABELS)
    model.fit(**right, validation_data=held_out, verbose=0)


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (IMAGES / 255.0, LABELS, "0..255. Received: 0 to 1, which looks like"),
        (IMAGES - 300.0, LABELS, "0..255. Received: -300 to -45"),
        (IMAGES.astype("uint16") * 257, LABELS, "uint8 or floating, in 0..255. Received: uint16"),
        (IMAGES[..., 0], LABELS, r"\(B, H, W, C\). Received: shape \((16|8), 8, 8\)"),
        (IMAGES, np.eye(4)[CLASSES], r"Expected labels \(B, 3\).*Received: shape \((16|8), 4\)"),
        (IMAGES, np.array(["cat"] * 16), "labels as numbers. Received: <U3|labels as numbers.*cat"),
        ({"image": IMAGES, "label": LABELS}, None, "dict with the keys image, label"),
    ],
)
@pytest.mark.parametrize("piped", [False, True])
def test_data_that_cannot_be_right_are_refused_before_training(images, labels, message, piped):
    model = make(Mixup())
    data = (images, labels)
    if piped:
        elements = images if labels is None else data
        data = (tf.data.Dataset.from_tensor_slices(elements).batch(8),)
    with pytest.raises(ValueError, match=message):
        model.fit(*data, verbose=0)
    assert int(model.step) == 0


def test_class_numbers_from_one_are_refused():
    model = make(None)
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    with pytest.raises(ValueError, match=r"class numbers from 0 to 2[.] Received: 1 to 3"):
        model.fit(IMAGES, CLASSES + 1, verbose=0)


def test_floats_in_0_to_255_train_as_bytes_do():
    one, other = make_eager(Mixup()), make_eager(Mixup())
    np.testing.assert_allclose(
        fit(one, IMAGES.astype("float32"))["loss"], fit(other)["loss"], rtol=1e-6
    )


def test_images_in_0_to_1_where_the_value_range_says_so(autoencoder):
    """The same training, with a backbone and images in [0, 1]."""
    inputs = keras.Input((8, 8, 3))
    for distribution in (None, Mixup(), VarMixup(autoencoder)):
        levels = make_eager(distribution)
        unit = VicinalClassifier(
            keras.Model(inputs, levels.backbone(255.0 * inputs)), distribution, value_range=(0, 1)
        )
        unit.compile("sgd", LOSS, metrics=["accuracy"], run_eagerly=True)
        images, labels = IMAGES[:8], LABELS[:8]
        given = (images / 255.0).astype("float32")
        np.testing.assert_allclose(unit(given), levels(images), atol=1e-5)
        start = levels.backbone.get_weights()
        expected = fit(levels, images, labels)["loss"]
        levels.backbone.set_weights(start)
        np.testing.assert_allclose(fit(unit, given, labels)["loss"], expected, rtol=1e-4)
        with pytest.raises(ValueError, match=r"Expected images in 0[.][.]1[.] Received: 0 to 255"):
            unit.fit(IMAGES, LABELS, verbose=0)


def test_a_backbone_of_version_0_1_gets_its_range():
    inputs = keras.Input((8, 8, 3))
    levels = make_backbone()
    old = keras.Model(inputs, levels(255.0 * inputs))
    model = VicinalClassifier(old, Mixup(), backbone_range=(0, 1))
    model.compile("sgd", LOSS)
    np.testing.assert_allclose(model(IMAGES), levels(IMAGES.astype("float32")), atol=1e-5)
    assert np.isfinite(fit(model)["loss"]).all()
    config = model.get_config()
    assert (config["value_range"], config["backbone_range"]) == ((0, 255), (0, 1))


def test_an_unknown_range_is_refused():
    with pytest.raises(ValueError, match=r"value_range to be one of \(0, 255\), \(0, 1\)"):
        VicinalClassifier(make_backbone(), value_range=(-1, 1))


@pytest.mark.parametrize("trained", [False, True])
def test_it_exports_itself(trained, tmp_path):
    model = make_eager(Mixup())
    if trained:
        fit(model)
    model.export(tmp_path / "exported", verbose=False)
    loaded = tf.saved_model.load(tmp_path / "exported")
    served = loaded.serve(IMAGES.astype("float32"))
    np.testing.assert_allclose(served, model(IMAGES), atol=1e-5)


def test_the_former_keyword_still_works():
    with pytest.warns(DeprecationWarning, match="vicinity is called method now"):
        model = VicinalClassifier(make_backbone(), vicinity=Mixup())
    assert model.vicinity is model.method
