import keras
import numpy as np
import pytest
import tensorflow as tf

from models import VariationalAutoencoder, compact
from tf_varmixup import VicinalClassifier
from tf_varmixup.methods import Batch, Method, Mixup, SoftmaxBinaryCrossentropy
from tf_varmixup.training import check_method, drawn_batch, make_method, training_batches
from tf_varmixup.training.classifier_stage import make_classifier


@pytest.fixture
def autoencoder():
    return VariationalAutoencoder((8, 8, 1), width=4, blocks=1, latent_size=2)


def test_a_method_is_made_with_its_parameters(recipe, autoencoder):
    method = make_method(recipe(method="mixup", method_parameters={"alpha": 0.2}), None)
    assert type(method) is Mixup
    assert method.alpha == 0.2
    latent = make_method(
        recipe(method="varmixup", method_parameters={"clean_share": 0.5}), autoencoder
    )
    assert latent.autoencoder is autoencoder
    assert latent.clean_share == 0.5
    assert not autoencoder.trainable


def test_a_bad_parameter_is_named(recipe, dataset):
    with pytest.raises(ValueError, match="Did you mean 'alpha'"):
        make_method(recipe(method_parameters={"alfa": 0.2}), None)
    with pytest.raises(ValueError, match="alpha"):
        check_method(recipe(method_parameters={"alpha": -1.0}), None, dataset)


@pytest.mark.parametrize("method", ["varmixup", "reconstruction", "mixup_reconstruction"])
def test_a_check_leaves_the_autoencoder_trainable(recipe, dataset, autoencoder, method):
    count = len(autoencoder.trainable_variables)
    check_method(recipe(method=method), autoencoder, dataset)
    assert autoencoder.trainable
    assert len(autoencoder.trainable_variables) == count > 0
    assert all(layer.trainable for layer in autoencoder._flatten_layers())


@pytest.mark.parametrize("method", ["manifold_mixup", "mixup+manifold_mixup"])
def test_a_layer_that_the_classifier_does_not_have_is_named_before_it_trains(
    recipe, dataset, method
):
    check_method(recipe(method=method, method_parameters={"stages": "input,stage3"}), None, dataset)
    with pytest.raises(ValueError, match=r"stage2, .*, logits\. Received: 'stage7'"):
        check_method(recipe(method=method, method_parameters={"stages": "stage7"}), None, dataset)


def test_the_classifier_is_compiled_with_the_loss_that_its_method_requires(recipe, dataset):
    settings = recipe(method="manifold_mixup", method_parameters={"loss": "binary"})
    model = make_classifier(make_method(settings, None), dataset, settings)
    assert isinstance(model.loss, SoftmaxBinaryCrossentropy)


def test_only_a_vicinal_distribution_is_drawn_in_the_pipeline(recipe, monkeypatch):
    make_method(recipe(mix_in="data"), None)
    monkeypatch.setattr(
        "tf_varmixup.training.method_stage.create", lambda name, **parameters: Method()
    )
    with pytest.raises(ValueError, match=r"Expected a vicinal distribution.*mix_in 'data'"):
        make_method(recipe(mix_in="data"), None)
    make_method(recipe(mix_in="step"), None)


def test_augmix_without_its_consistency_term_is_drawn_in_the_pipeline(recipe):
    made = make_method(
        recipe(method="augmix", method_parameters={"consistency": 0.0}, mix_in="data"), None
    )
    assert made.only_draws
    with pytest.raises(ValueError, match=r"Expected a vicinal distribution.*Received: augmix"):
        make_method(recipe(method="augmix", mix_in="data"), None)


def test_the_batch_that_is_shown_is_the_first_that_was_trained_on(dataset, recipe):
    seen = []

    class Watching(Mixup):
        def draw(self, classifier, batch, seed):
            drawn = super().draw(classifier, batch, seed)
            seen.append(drawn)
            return drawn

    method, settings = Watching(), recipe(seed=5)
    model = VicinalClassifier(compact((8, 8, 1), 3), method, seed=5)
    model.compile("sgd", keras.losses.CategoricalCrossentropy(from_logits=True), run_eagerly=True)
    model.fit(training_batches(dataset, settings), steps_per_epoch=1, verbose=0)
    images, labels = drawn_batch(method, model, dataset, settings)
    trained_on = seen[0]
    np.testing.assert_array_equal(images, trained_on.inputs)
    np.testing.assert_array_equal(labels, trained_on.labels)


@pytest.mark.parametrize(("first", "shown"), [("images", 0.5), ("numbers", 1.0)])
def test_of_several_inputs_the_images_are_shown_or_else_the_data(dataset, recipe, first, shown):
    class Several(Method):
        def draw(self, classifier, batch, seed):
            images = 0.5 * tf.cast(batch.inputs, tf.float32)
            numbers = tf.range(len(batch.labels))
            inputs = (images, numbers) if first == "images" else (numbers, images)
            return Batch(inputs, batch.labels)

    images, labels = drawn_batch(Several(), None, dataset, recipe())
    expected, _ = next(iter(training_batches(dataset, recipe())))
    np.testing.assert_allclose(images, shown * np.asarray(expected, "float32"))
    assert len(labels) == len(images)
