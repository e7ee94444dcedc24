"""Mixup Inference as a Keras model and as a predictor."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from models import VariationalAutoencoder
from tests.evaluation.mixed import IMAGES, INDICES, POOL, SHAPE, close, network
from tests.harness.shared import dtype_policy
from tf_varmixup import VicinalClassifier
from tf_varmixup.data import Split
from tf_varmixup.evaluation import (
    MixupInference,
)

FORMS = ("other", "predicted", "combined")


@pytest.fixture(scope="module")
def classifier():
    return network()


@pytest.fixture(scope="module")
def autoencoder():
    keras.utils.set_random_seed(0)
    return VariationalAutoencoder(SHAPE, width=4, blocks=1)


@pytest.fixture(autouse=True)
def no_graphs():
    """Graphs take longer to build than these tests; `test_mixup_inference_graphs.py` has some."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


def plain_probabilities(classifier, images=IMAGES):
    return tf.nn.softmax(classifier(images)).numpy()


def test_an_answer_worked_by_hand(classifier):
    """With one image of each class in the pool, it is known which ones are drawn."""
    pool = POOL.images[[np.flatnonzero(POOL.labels == label)[0] for label in range(3)]]
    of_class = Split(pool, np.arange(3))
    plain = plain_probabilities(classifier)
    predicted = plain.argmax(1)
    own = plain_probabilities(classifier, 0.3 * IMAGES + 0.7 * pool[predicted])
    model = MixupInference(classifier, of_class, "predicted", predicted_weight=0.3)
    close(model(IMAGES), np.log(own))

    model = MixupInference(classifier, of_class, other_weight=0.4, other_samples=7)
    found = np.exp(model(IMAGES, INDICES))
    mixes = [
        plain_probabilities(classifier, 0.4 * IMAGES + 0.6 * pool[label]) for label in range(3)
    ]
    for row, label in enumerate(predicted):
        one, two = (mixes[other][row] for other in range(3) if other != label)
        share = (found[row] - two)[0] / (one - two)[0]
        close(7 * share, round(7 * share), atol=1e-2)
        close(found[row], share * one + (1 - share) * two)


def test_a_combined_answer_is_one_of_both_by_the_fall_in_confidence(classifier):
    settings = {"pool": POOL, "seed": 2}
    own = MixupInference(classifier, form="predicted", predicted_samples=5, **settings)(IMAGES)
    other = MixupInference(classifier, form="other", other_samples=15, **settings)(IMAGES)
    gap = plain_probabilities(classifier).max(1) - np.exp(own).max(1)
    threshold = float(np.median(gap))
    model = MixupInference(classifier, form="combined", threshold=threshold, **settings)
    close(model(IMAGES), np.where(gap[:, None] < threshold, own, other))
    assert (gap < threshold).any()
    assert (gap > threshold).any()


def test_usual_numbers_of_samples_and_passes():
    for form, passes in (("other", 31), ("predicted", 11), ("combined", 21)):
        sizes = []

        def predict(images, indices, sizes=sizes):
            assert images.dtype == tf.uint8
            np.testing.assert_array_equal(indices, INDICES)
            sizes.append(len(images))
            return tf.reduce_mean(tf.cast(images, tf.float32), (1, 2)) * [[1.0, 0.0, -1.0]]

        model = MixupInference(lambda images, indices: tf.zeros((len(images), 3)), POOL, form)
        model.classifier = predict
        model(IMAGES, INDICES)
        assert sizes == [len(IMAGES)] * passes


@pytest.mark.parametrize("form", FORMS)
def test_a_weight_of_1_is_the_classifier_alone(classifier, form):
    weights = {"other_weight": 1.0, "predicted_weight": 1.0}
    for other, name in (("predicted", "other_weight"), ("other", "predicted_weight")):
        if form == other:
            del weights[name]
    model = MixupInference(classifier, POOL, form, **weights)
    close(np.exp(model(IMAGES)), plain_probabilities(classifier))


def test_answers_do_not_depend_on_the_batch(classifier):
    model = MixupInference(classifier, POOL, "combined")
    for given in ((IMAGES,), (IMAGES, INDICES)):
        together = model(*given).numpy()
        for rows in ([3], [9, 0, 3]):
            close(model(*(part[rows] for part in given)), together[rows])
    close(model.predict(IMAGES, batch_size=4, verbose=0), model(IMAGES))
    assert np.abs(model(IMAGES, INDICES) - model(IMAGES, INDICES + 10)).max() > 1e-3


def test_indices_choose_the_same_partners_for_a_changed_image():
    """What is handed to the classifier changes by the image's own part alone."""
    passes = []

    def predict(images, indices):
        passes.append(tf.cast(images, tf.float32))
        return tf.tile([[1.0, 0.0, 0.0]], [len(images), 1])

    model = MixupInference(predict, POOL, other_samples=4)
    bright, dark = IMAGES // 8 * 8, IMAGES // 8 * 4
    model(bright, INDICES)
    model(dark, INDICES)
    for one, other in zip(passes[-9:-5], passes[-4:], strict=True):
        np.testing.assert_allclose(one - other, dark.astype("float32") / 2, atol=1.0)


def test_the_pool_is_of_its_size_and_seed(classifier):
    counts = MixupInference(classifier, POOL, pool_size=7).class_counts
    assert sorted(counts) == [2, 2, 3]
    one, same, other = (
        MixupInference(classifier, POOL, pool_size=7, seed=seed)(IMAGES) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 1e-3


def test_latents_are_mixed_and_decoded(classifier, autoencoder):
    pool = Split(POOL.images[:3], np.arange(3))
    model = MixupInference(
        classifier, pool, "predicted", predicted_samples=2, autoencoder=autoencoder
    )
    predicted = plain_probabilities(classifier).argmax(1)
    latents = 0.5 * autoencoder.encode(IMAGES)
    latents += 0.5 * tf.gather(autoencoder.encode(pool.images), predicted)
    close(np.exp(model(IMAGES)), plain_probabilities(classifier, autoencoder.decode(latents)))


def test_keras_evaluates_it(classifier):
    model = MixupInference(classifier, POOL)
    labels = np.arange(10) % 3
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(loss=loss, metrics=["accuracy"])
    found = model.evaluate(IMAGES, labels, batch_size=4, verbose=0, return_dict=True)
    logits = model(IMAGES).numpy()
    assert found["accuracy"] == pytest.approx((logits.argmax(1) == labels).mean())
    assert found["loss"] == pytest.approx(float(loss(labels, logits)), rel=1e-4)


def test_around_a_predictor(tmp_path, classifier):
    """A function that no graph could hold, such as one of another framework."""

    def predict(images, indices):
        return classifier(images.numpy().astype("float32")).numpy()

    model = MixupInference(predict, POOL, "combined")
    expected = MixupInference(classifier, POOL, "combined")
    rounded = {"rtol": 0, "atol": 0.05}  # mixes are rounded to uint8
    close(model(IMAGES, INDICES), expected(IMAGES, INDICES), **rounded)
    close(model.predict(IMAGES, verbose=0), expected(IMAGES), **rounded)
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    assert np.isfinite(model.evaluate(IMAGES, np.arange(10) % 3, verbose=0))
    with pytest.raises(ValueError, match="Keras model as classifier where it is to be saved"):
        model.save(tmp_path / "model.keras")
    with pytest.raises(ValueError, match="Keras model as classifier where it is to be exported"):
        model.export(tmp_path / "exported")


def test_classifiers_of_probabilities_and_of_images_in_unit_range(classifier):
    expected = MixupInference(classifier, POOL)(IMAGES)
    probabilities = network(last=layers.Softmax())
    close(MixupInference(probabilities, POOL, from_logits=False)(IMAGES), expected)
    in_unit = network(scale=1.0)
    close(MixupInference(in_unit, POOL, classifier_range=(0, 1))(IMAGES), expected)
    close(MixupInference(VicinalClassifier(in_unit, value_range=(0, 1)), POOL)(IMAGES), expected)


def test_answers_of_certain_classifiers_are_finite():
    certain = network(scale=1e6)
    logits = MixupInference(certain, POOL)(IMAGES)
    assert np.isfinite(logits).all()
    close(tf.reduce_sum(tf.exp(logits), 1), np.ones(10))


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_averages_are_float32_under_mixed_precision(classifier, autoencoder, policy):
    with dtype_policy(policy):
        half = MixupInference(network(), POOL, other_samples=3, autoencoder=autoencoder)
    found = half(IMAGES)
    assert found.dtype == tf.float32
    assert half.pool.dtype == "float32"
    full = MixupInference(classifier, POOL, other_samples=3, autoencoder=autoencoder)
    close(found, full(IMAGES), atol=0.1)


def test_the_classifier_stays_as_it_is():
    classifier = keras.Sequential(
        [keras.Input(SHAPE), layers.BatchNormalization(), layers.Dropout(0.5), layers.Flatten()]
    )
    before = classifier.get_weights()
    pool = np.tile(POOL.images, (2, 1, 1, 1)), np.arange(120) % 64
    model = MixupInference(classifier, pool, other_samples=2)
    np.testing.assert_array_equal(model(IMAGES, training=True), model(IMAGES))
    for weight, value in zip(classifier.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, value)
    with pytest.raises(ValueError, match=r"to be trained. Received: MixupInference.fit"):
        model.fit(IMAGES, np.arange(10))


def test_what_does_not_fit_is_an_error(classifier):
    for settings, message in (
        ({"form": "both"}, "form to be one of 'other', 'predicted', 'combined'. Received: 'both'"),
        ({"other_samples": 0}, "other_samples to be a positive integer"),
        ({"other_weight": 1.5}, "other_weight to be a number from 0 to 1"),
        ({"pool_size": 2}, "pool_size to be at least 3"),
        ({"predicted_samples": 3}, "predicted_samples .* only where form is not 'other'"),
        ({"form": "predicted", "other_weight": 0.6}, "only where form is not 'predicted'"),
        ({"threshold": 0.1}, "threshold .* only where form is 'combined'"),
    ):
        with pytest.raises(ValueError, match=message):
            MixupInference(classifier, POOL, **settings)
    with pytest.raises(ValueError, match="Received: none of class 2"):
        MixupInference(classifier, (POOL.images, POOL.labels % 2))
    with pytest.raises(ValueError, match=r"returns logits \(B, K\), K at least 2"):
        MixupInference(keras.Sequential([keras.Input(SHAPE), layers.Rescaling(1.0)]), POOL)
    with pytest.raises(ValueError, match=r"Expected images of shape \(B, 8, 8, 1\)"):
        MixupInference(classifier, POOL)(IMAGES[:, :4])


def test_images_in_another_range_are_refused(classifier):
    with pytest.raises(ValueError, match=r"images in 0\.\.255\. Received: .* looks like \[0, 1\]"):
        MixupInference(classifier, POOL)(IMAGES / 255.0)


@pytest.mark.parametrize("indices", [INDICES[:-1], INDICES[:, None], INDICES + 0.5])
def test_indices_are_one_integer_per_image(classifier, indices):
    message = rf"indices to be integers \({len(IMAGES)},\), one per image"
    with pytest.raises(ValueError, match=message):
        MixupInference(classifier, POOL)(IMAGES, indices)


def test_a_seed_is_not_rounded(classifier):
    with pytest.raises(ValueError, match=r"seed to be an integer\. Received: 1\.7"):
        MixupInference(classifier, POOL, seed=1.7)
