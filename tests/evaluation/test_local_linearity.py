"""Local linearity over a dataset, against the best that is known of networks in closed form."""

import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup import draws
from tf_varmixup.attacks import local_linearity, random_start
from tf_varmixup.evaluation import measure_local_linearity

IMAGES = np.random.default_rng(0).integers(0, 256, (10, 2, 2, 1)).astype("uint8")
MATRIX = np.random.default_rng(1).normal(size=(4, 3)).astype("float32")
LABELS = np.arange(10) % 3
TRACES = []


def classify(images):
    TRACES.append(images.shape)
    return tf.reshape(images, (-1, 4)) @ MATRIX / 100.0


@pytest.fixture(scope="module")
def arrays(shared):
    file = np.load(shared / "method_reference" / "attacks.npz")
    return {name: file[name] for name in file if name.startswith(("linear", "mlp_"))}


def network(arrays, name):
    weights = [tf.constant(arrays[f"{name}_{key}"], tf.float32) for key in ("W1", "b1")]
    outer = [arrays.get(f"{name}_{key}") for key in ("W2", "b2")]

    def classify(inputs):
        outputs = inputs @ weights[0] + weights[1]
        if outer[0] is None:
            return outputs
        return tf.nn.relu(outputs) @ outer[0].astype("float32") + outer[1].astype("float32")

    return classify, arrays[f"{name}_x"].astype("float32"), arrays[f"{name}_y"]


@pytest.mark.parametrize("radius", [8, 16])
def test_the_search_finds_what_880_longer_searches_found(arrays, radius):
    given = network(arrays, "mlp")
    found = measure_local_linearity(*given, radius=radius / 255, value_range=(0, 1))
    best = arrays[f"mlp_gamma_eps{radius}_clipped"]
    assert found.summary()["linearity_error"] >= 0.94 * best.mean()
    assert (found.values["linearity_error"] <= best * 1.005 + 1e-5).all()
    np.testing.assert_allclose(found.values["nll"], arrays["mlp_loss"], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("radius", [8, 16])
def test_and_beyond_the_range_of_images(arrays, radius):
    classify, images, labels = network(arrays, "mlp")

    @tf.function
    def search(start):
        one_hot = tf.one_hot(labels, 4)
        size = radius / 255
        return local_linearity(
            classify, images, one_hot, start, "linf", size, size, 5, (0, 1), clip=False
        )

    seeds = [draws.run_seed(seed) for seed in range(20)]
    found = np.max([search(random_start(images, "linf", 1.0, seed)) for seed in seeds], 0)
    best = arrays[f"mlp_gamma_eps{radius}_unclipped"]
    assert found.mean() >= 0.94 * best.mean()
    assert (found <= best * 1.005 + 1e-5).all()


def test_it_is_exact_where_the_logits_are_linear(arrays):
    found = measure_local_linearity(*network(arrays, "linear"), value_range=(0, 1))
    best = arrays["linear_gamma_eps8_clipped"]
    np.testing.assert_allclose(found.values["linearity_error"], best, rtol=1e-4, atol=1e-6)


def test_the_batch_size_makes_no_difference_and_a_shape_is_traced_once():
    given, shares = {"radius": 0.1, "steps": 3, "restarts": 2}, []
    whole = measure_local_linearity(classify, IMAGES, LABELS, **given).values
    TRACES.clear()
    parts = measure_local_linearity(
        classify, IMAGES, LABELS, **given, batch_size=4, on_progress=shares.append
    ).values
    assert len(TRACES) == 3  # of the logits, of the tangent and of a step
    np.testing.assert_allclose(shares, np.arange(1, 7) / 6)
    for name in whole:
        np.testing.assert_allclose(parts[name], whole[name], rtol=1e-3, atol=1e-6)


def test_a_temperature_divides_the_logits():
    found = measure_local_linearity(classify, IMAGES, LABELS, radius=0.1, temperature=4.0)
    softer = measure_local_linearity(
        lambda images: classify(images) / 4.0, IMAGES, LABELS, radius=0.1
    )
    as_is = measure_local_linearity(classify, IMAGES, LABELS, radius=0.1)
    np.testing.assert_allclose(
        found.values["linearity_error"], softer.values["linearity_error"], rtol=1e-3, atol=1e-6
    )
    # A softer classifier has a straighter loss for that alone.
    assert found.summary()["linearity_error"] < 0.3 * as_is.summary()["linearity_error"]
    assert as_is.settings == {
        "images": 10,
        "radius": 0.1,
        "step_size": 0.1,
        "steps": 5,
        "restarts": 20,
    }


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"temperature": 0.0}, "temperature to be a positive number"),
        ({"radius": 8}, "radius in units of images"),
        ({"labels": LABELS[:3]}, "Received: 10 images and 3 labels"),
        ({"classify": lambda images: images[:, 0] * np.nan}, "to return"),
        ({"classify": lambda images: classify(images) * np.nan}, "numbers. Received: NaN"),
    ],
)
def test_what_does_not_fit_is_refused(given, words):
    with pytest.raises(ValueError, match=words):
        measure_local_linearity(
            **{"classify": classify, "images": IMAGES, "labels": LABELS, "restarts": 1, **given}
        )
