"""What holds for every vicinal distribution beyond test_harness_methods.py, and the base class."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from models import VariationalAutoencoder
from tf_varmixup import draws, methods

METHODS = [
    name
    for name in methods.method_signatures()
    if issubclass(methods.method_class(name), methods.VicinalDistribution)
]


@pytest.fixture
def dtype_policy():
    yield keras.config.set_dtype_policy
    keras.config.set_dtype_policy("float32")


def assert_same(one, other, atol=2.5e-3):
    for first, second in zip(one, other, strict=True):
        np.testing.assert_allclose(first, second, atol=atol)


@pytest.mark.parametrize("method", METHODS)
def test_the_seed_alone_decides(method, create, images, labels):
    distribution = create(method, latents="sample", probability=1.0)
    first = distribution.sample(images, labels, draws.run_seed(1))
    numbers = labels.astype("int64")
    assert_same(first, distribution.sample(images, numbers, draws.run_seed(1)), atol=0)
    if method not in ("erm", "label_smoothing"):  # which draw nothing
        other = distribution.sample(images, labels, draws.run_seed(2))
        assert np.abs(first[0] - other[0]).max() > 0.25


@pytest.mark.parametrize("method", METHODS)
def test_linear_in_the_labels(method, create, images, labels):
    distribution, seed = create(method), draws.run_seed(0)
    other = np.roll(labels, 2, axis=1) * np.arange(7, dtype="float32")[:, None]
    first, second, both = (
        distribution.sample(images, one, seed)[1] for one in (labels, other, labels + 2 * other)
    )
    np.testing.assert_allclose(both, first + 2 * second, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_each_label_counts_by_the_weight_of_its_image(method, create, images, labels):
    distribution, seed = create(method), draws.run_seed(0)
    weights = np.arange(7, dtype="float32")
    drawn = distribution.draw(None, methods.Batch(images, labels, weights), seed)
    weighted = distribution.sample(images, labels * weights[:, None], seed)[1].numpy()
    np.testing.assert_allclose(drawn.weights, weighted.sum(1), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(
        drawn.labels * drawn.weights[:, None], weighted, rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_float32_under_mixed_precision(
    method, policy, dtype_policy, create, autoencoder, images, labels
):
    exact = create(method).sample(images, labels, draws.run_seed(0))
    dtype_policy(policy)
    mixed = VariationalAutoencoder((8, 8, 3), width=8, blocks=1, latent_size=2)
    mixed.set_weights(autoencoder.get_weights())
    assert mixed.encoder.get_layer("block1_conv1").compute_dtype == policy.removeprefix("mixed_")
    drawn = create(method, autoencoder=mixed).sample(images, labels, draws.run_seed(0))
    assert {value.dtype for value in drawn} == {tf.float32}
    np.testing.assert_allclose(drawn[0], exact[0], atol=5.0)
    np.testing.assert_array_equal(drawn[1], exact[1])


@pytest.mark.parametrize("method", METHODS)
def test_serialized_and_back(method, create, images, labels):
    settings = {"alpha": 0.3, "lambda_per": "batch", "latents": "sample", "clean_share": 0.25}
    distribution = create(method, **settings)
    config = keras.saving.serialize_keras_object(distribution)
    assert config["registered_name"].startswith("tf_varmixup>")
    restored = keras.saving.deserialize_keras_object(json.loads(json.dumps(config)))
    assert type(restored) is type(distribution)
    assert restored.get_config() == distribution.get_config()
    restored.set_weights(distribution.get_weights())
    for name in set(distribution.parameter_names()) & set(settings):
        assert getattr(restored, name) == settings[name]
    assert_same(
        restored.sample(images, labels, draws.run_seed(0)),
        distribution.sample(images, labels, draws.run_seed(0)),
    )


def test_a_distribution_must_define_sample(images, labels):
    with pytest.raises(NotImplementedError, match="Expected VicinalDistribution to define sample"):
        methods.VicinalDistribution().sample(images, labels, draws.run_seed(0))


@pytest.mark.parametrize("method", ["mixup", "varmixup"])
def test_mapped_batches_may_have_weights(method, create, images, labels):
    distribution, weights = create(method), np.linspace(0.0, 2.0, 7, dtype="float32")
    batches = tf.data.Dataset.from_tensors((images, labels, weights))
    mapped = next(iter(distribution.map(batches, seed=5)))
    seed = draws.fold(draws.run_seed(5), 0, 0)
    assert_same(mapped, distribution.draw(None, methods.Batch(images, labels, weights), seed))


def test_images_in_another_range_are_not_mapped(create, images, labels):
    batches = tf.data.Dataset.from_tensors((images / np.float32(255), labels))
    with pytest.raises(ValueError, match="which looks like"):
        create("gaussian").map(batches, seed=0)


def test_class_numbers_are_not_mixed_in_silence(create, images):
    batches = tf.data.Dataset.from_tensors((images, np.arange(7)))
    with pytest.raises(ValueError, match=r"Expected one-hot or soft labels .* Received: shape"):
        create("mixup").map(batches, seed=0)
