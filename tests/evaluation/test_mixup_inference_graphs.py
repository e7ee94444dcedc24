"""Mixup Inference in graphs: under XLA, on replicas, in files and exports."""

import copy
import pickle

import keras
import numpy as np
import pytest
import tensorflow as tf

from models import VariationalAutoencoder
from tests.evaluation.mixed import IMAGES, INDICES, POOL, SHAPE, close, network
from tests.harness.shared import replicas
from tf_varmixup import VarMixup, VicinalClassifier, export_saved_model, load_model, load_predictor
from tf_varmixup.corruptions import CorruptionBenchmark
from tf_varmixup.data import Split
from tf_varmixup.evaluation import MixupInference, at_temperature, evaluate, model_predictor


@pytest.fixture(scope="module")
def classifier():
    return network()


@pytest.fixture(scope="module")
def autoencoder():
    keras.utils.set_random_seed(0)
    return VariationalAutoencoder(SHAPE, width=4, blocks=1)


@pytest.fixture
def no_graphs():
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture(scope="module")
def trained(autoencoder):
    """Around a classifier whose method has the same autoencoder."""
    classifier = VicinalClassifier(network(), VarMixup(autoencoder))
    settings = {"predicted_samples": 2, "autoencoder": autoencoder, "seed": 3}
    return MixupInference(classifier, POOL, "predicted", **settings)


@pytest.mark.slow
@pytest.mark.usefixtures("no_graphs")
def test_files_and_copies_give_the_same(tmp_path, trained):
    trained.save(tmp_path / "model.keras")
    clone = keras.models.clone_model(trained)
    clone.set_weights(trained.get_weights())
    for other in (
        load_model(tmp_path / "model.keras"),
        copy.deepcopy(trained),
        pickle.loads(pickle.dumps(trained)),
        clone,
    ):
        close(other(IMAGES), trained(IMAGES))
        ours, theirs = (one.classifier.method.autoencoder for one in (trained, other))
        np.testing.assert_array_equal(ours.get_weights()[0], theirs.get_weights()[0])
    loaded = load_predictor(tmp_path / "model.keras")
    close(loaded(IMAGES, INDICES), trained(IMAGES, INDICES))


@pytest.mark.slow
def test_exports_give_the_same(tmp_path, classifier, trained):
    model = MixupInference(classifier, POOL, "predicted")
    expected = model(IMAGES).numpy()
    model.export(tmp_path / "exported", verbose=False)
    served = tf.saved_model.load(tmp_path / "exported")
    close(served.serve(tf.cast(IMAGES, tf.float32)), expected)
    close(served.serve(tf.cast(IMAGES[4:5], tf.float32)), expected[4:5])
    export_saved_model(tmp_path / "saved_model", trained, SHAPE, temperature=2.0)
    predict = load_predictor(tmp_path / "saved_model")
    close(predict(tf.constant(IMAGES), INDICES), trained(IMAGES))


def test_xla_and_gradients(classifier):
    model = MixupInference(classifier, POOL, "combined")

    @tf.function(jit_compile=True)
    def value_and_gradient(images, indices):
        """What an attack that knows of the mixing would climb."""
        with tf.GradientTape() as tape:
            tape.watch(images)
            logits = model(images, indices)
            loss = tf.reduce_sum(logits[:, 0])
        return logits, tape.gradient(loss, images)

    images, indices = tf.constant(IMAGES, tf.float32), tf.constant(INDICES)
    logits, gradient = value_and_gradient(images, indices)
    close(logits, model(images, indices))
    direction = 0.01 * tf.sign(gradient)
    ends = [tf.reduce_sum(model(images + way * direction, indices)[:, 0]) for way in (1, -1)]
    close((ends[0] - ends[1]) / 2, tf.reduce_sum(direction * gradient), rtol=0.05)
    assert (np.abs(gradient).max((1, 2, 3)) > 1e-6).all()


def test_the_instrument_measures_it(classifier):
    model = MixupInference(classifier, POOL)
    test = Split(IMAGES, np.arange(10) % 3)
    benchmark = CorruptionBenchmark(test, ["contrast"], severities=[1])
    expected = model(IMAGES, INDICES)
    measured = evaluate(model, test, test, benchmark, batch_size=5)
    close(measured.logits, expected)
    close(measured.cells[0].logits, model(benchmark.cell("contrast", 1).images(), INDICES))
    close(model_predictor(model)(IMAGES, INDICES), expected)
    close(at_temperature(model, 2.0)(IMAGES, INDICES), 0.5 * expected)


def test_two_replicas_give_the_same(classifier):
    expected = MixupInference(classifier, POOL, "predicted")(IMAGES)
    with replicas().scope():
        model = MixupInference(network(), POOL, "predicted")
    close(model.predict(IMAGES, batch_size=4, verbose=0), expected)
