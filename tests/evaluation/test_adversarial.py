"""Accuracy under attack."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup import draws
from tf_varmixup.attacks import fgsm, pgd_iterates
from tf_varmixup.evaluation import measure_adversarial
from tf_varmixup.evaluation.attack_batches import numbered_starts, padded_batches

RANDOM = np.random.default_rng(0)
FIRST = RANDOM.normal(size=(12, 8)).astype("float32")
SECOND = 5.0 * RANDOM.normal(size=(8, 3)).astype("float32")
IMAGES = RANDOM.integers(0, 256, (60, 2, 2, 3)).astype("uint8")
PGD = {"radius": 0.02, "steps": 4, "restarts": 3}
TRACES = []


def classify(images):
    TRACES.append(images.shape)
    hidden = tf.nn.relu(tf.reshape(images / 255.0 - 0.5, (-1, 12)) @ FIRST)
    return hidden @ SECOND


def right(images):
    return np.argmax(classify(tf.cast(images, tf.float32)), 1) == LABELS


LABELS = np.argmax(classify(tf.cast(IMAGES, tf.float32)), 1)
LABELS[::10] = (LABELS[::10] + 1) % 3  # which are wrong as they are
ONE_HOT = np.eye(3, dtype="float32")[LABELS]


@pytest.mark.parametrize(("norm", "radius"), [("linf", 0.02), ("l2", 0.05)])
def test_an_image_is_broken_if_any_iterate_of_any_restart_fools(norm, radius):
    found = measure_adversarial(classify, IMAGES, LABELS, **{**PGD, "norm": norm, "radius": radius})
    robust = right(IMAGES)
    assert robust.sum() == 54
    ends = robust.copy()
    for restart in range(3):
        seed = draws.fold(draws.run_seed(0), restart)
        start = numbered_starts(tf.zeros(IMAGES.shape), tf.range(60), norm, radius, seed)
        step_size = 2.5 * radius / 4
        points = pgd_iterates(classify, IMAGES, ONE_HOT, norm, radius, step_size, 4, start)
        robust &= np.all([right(one) for one in points], 0)
        ends &= right(points[-1])
    np.testing.assert_array_equal(found.values["accuracy"], robust)
    np.testing.assert_array_equal(found.values["clean_accuracy"], right(IMAGES))
    assert 6 <= robust.sum() <= 48
    assert found.summary() == {
        "accuracy": robust.mean(),
        "clean_accuracy": 0.9,
        "no_gradient": 0.0,
        "images": 60,
        "radius": radius,
        "step_size": pytest.approx(2.5 * radius / 4),
        "steps": 4,
        "restarts": 3,
    }


def test_an_iterate_that_fools_counts_though_the_last_does_not():
    def narrow(images):  # the class is wrong only from 104 to 106
        x = images[:, 0, 0]
        return tf.concat([tf.abs(x - 105.0) - 1.0, 0.0 * x], 1) * tf.constant([[1.0, 1.0]])

    image = np.full((1, 1, 1, 1), 103, "uint8")
    given = {"radius": 4 / 255, "step_size": 2 / 255, "steps": 1, "restarts": 8}
    ends = []
    for restart in range(8):
        seed = draws.fold(draws.run_seed(0), restart)
        start = numbered_starts(tf.zeros((1, 1, 1, 1)), tf.range(1), "linf", 4 / 255, seed)
        ends.append(pgd_iterates(narrow, image, [[1.0, 0.0]], "linf", 4 / 255, 2 / 255, 1, start))
    wrong = np.array([[float(narrow(one)[0, 0]) < 0.0 for one in points] for points in ends])
    found = measure_adversarial(narrow, image, [0], **given)
    assert found.values["accuracy"][0] == (not wrong.any())
    assert wrong.any()


def test_fgsm_is_one_step_from_the_images():
    found = measure_adversarial(classify, IMAGES, LABELS, attack="fgsm", radius=0.02)
    robust = right(fgsm(classify, IMAGES, ONE_HOT, radius=0.02)) & right(IMAGES)
    np.testing.assert_array_equal(found.values["accuracy"], robust)
    assert found.settings == {
        "images": 60,
        "radius": 0.02,
        "step_size": 0.02,
        "steps": 1,
        "restarts": 1,
    }


def test_the_batch_size_makes_no_difference_and_a_shape_is_traced_once():
    whole = measure_adversarial(classify, IMAGES, LABELS, **PGD).values["accuracy"]
    TRACES.clear()
    parts = measure_adversarial(classify, IMAGES, LABELS, **PGD, batch_size=7).values["accuracy"]
    np.testing.assert_array_equal(parts, whole)
    assert len(TRACES) == 2  # once with a gradient and once without
    other = measure_adversarial(classify, IMAGES, LABELS, **PGD, seed=1).values["accuracy"]
    assert abs(other.mean() - whole.mean()) < 0.1


def test_restarts_only_break_more_and_broken_images_are_attacked_no_more():
    seen, shares = [], []

    def counted(images):
        tf.py_function(lambda: seen.append(1), [], [])
        return classify(images)

    once = measure_adversarial(classify, IMAGES, LABELS, **{**PGD, "restarts": 1})
    more = measure_adversarial(
        counted, IMAGES, LABELS, **PGD, batch_size=6, on_progress=shares.append
    )
    assert (more.values["accuracy"] <= once.values["accuracy"]).all()
    assert len(seen) < 10 + 3 * 10 * 5
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_images_in_unit_range_and_one_hot_labels_give_the_same():
    given = (lambda images: classify(255.0 * images)), IMAGES / 255.0, ONE_HOT
    found = measure_adversarial(*given, **PGD, value_range=(0, 1)).values["accuracy"]
    expected = measure_adversarial(classify, IMAGES, LABELS, **PGD).values["accuracy"]
    assert (found != expected).mean() < 0.02


def test_a_classifier_without_a_gradient_is_refused_rather_than_called_robust():
    def rounds(images):
        return classify(tf.cast(tf.cast(images, tf.uint8), tf.float32))

    with pytest.raises(
        ValueError, match=r"classify to have a gradient .* Received: a gradient of 0"
    ):
        measure_adversarial(rounds, IMAGES, LABELS, **PGD)


def test_the_signature_of_a_saved_model_and_a_keras_model_are_attacked(tmp_path):
    class Served(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec((None, 2, 2, 3))])
        def serve(self, images):
            return {"logits": classify(images)}

    module = Served()
    tf.saved_model.save(module, str(tmp_path), signatures={"serving_default": module.serve})
    loaded = tf.saved_model.load(str(tmp_path))
    signature = loaded.signatures["serving_default"]
    layers = [keras.layers.Flatten(), keras.layers.Rescaling(1 / 255, -0.5)]
    layers += [keras.layers.Dense(8, "relu"), keras.layers.Dense(3)]
    model = keras.Sequential([keras.Input((2, 2, 3)), *layers])
    model.set_weights([FIRST, np.zeros(8), SECOND, np.zeros(3)])
    expected = measure_adversarial(classify, IMAGES, LABELS, **PGD).values["accuracy"]
    for one in (lambda images: signature(images=images)["logits"], model):
        found = measure_adversarial(one, IMAGES, LABELS, **PGD).values["accuracy"]
        assert (found != expected).mean() < 0.05


def test_images_whose_gradient_is_hidden_are_counted():
    def hides(images):  # the gradient of about half of the images
        logits = classify(images)
        return tf.where(images[:, 0, 0, :1] > 128.0, tf.stop_gradient(logits), logits)

    found = measure_adversarial(hides, IMAGES, LABELS, **PGD)
    assert 0.1 < found.summary()["no_gradient"] < found.summary()["accuracy"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"attack": "pdg"}, "Did you mean 'pgd'"),
        ({"attack": "fgsm", "steps": 3}, "steps to be given only for attack 'pgd'"),
        ({"radius": 8}, "radius in units of images"),
        ({"restarts": 0}, "restarts to be a positive integer"),
        ({"labels": LABELS[:3]}, "Received: 60 images and 3 labels"),
        ({"labels": LABELS + 1}, "Count the classes from 0"),
        ({"images": IMAGES / 255.0}, "looks like"),
        ({"classify": lambda images: images}, "classify to return"),
        ({"classify": lambda images: images[:, 0, 0] * np.nan}, "numbers. Received: NaN"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(given, words):
    with pytest.raises(ValueError, match=words) as raised:
        measure_adversarial(**{"classify": classify, "images": IMAGES, "labels": LABELS, **given})
    assert "\n" not in str(raised.value)


def test_starts_are_those_of_the_number_and_uniform_in_the_ball():
    seed, images = draws.run_seed(3), tf.zeros((4000, 1, 2, 1))
    for norm, power in (("linf", 1), ("l2", 2)):
        starts = numbered_starts(images, tf.range(4000), norm, 0.5, seed).numpy().reshape(-1, 2)
        lengths = abs(starts[:, 0]) if norm == "linf" else np.linalg.norm(starts, axis=1)
        shares = np.sort((lengths / 0.5) ** power)
        np.testing.assert_allclose(shares, np.linspace(0, 1, 4000), atol=0.03)
        some = numbered_starts(images[:2], tf.constant([7, 3]), norm, 0.5, seed)
        np.testing.assert_allclose(some.numpy().reshape(-1, 2), starts[[7, 3]], rtol=1e-6)


def test_batches_are_of_one_size():
    found = list(padded_batches(np.array([4, 7, 9]), 2))
    assert [(rows.tolist(), count) for rows, count in found] == [([4, 7], 2), ([9, 9], 1)]
    assert list(padded_batches(np.array([], int), 2)) == []
