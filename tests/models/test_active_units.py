import keras
import numpy as np
import tensorflow as tf

from models.active_units import ActiveUnits


def test_counts_dimensions_that_vary_over_the_images():
    generator = np.random.default_rng(0)
    means = generator.normal(size=(400, 2, 3)).astype("float32") * np.array(
        [1.0, 0.05, 0.2], "float32"
    )
    means[:, 1] += 3.0
    metric = ActiveUnits(latent_size=6)
    for part in np.split(means, 4):
        metric.update_state(part)
    assert float(metric.result()) == (means.reshape(400, 6).var(0) > 0.01).sum() == 4
    metric.reset_state()
    assert float(metric.result()) == 0


def test_threshold_is_on_the_variance():
    means = np.array([[-1.0, -3.0], [1.0, 3.0]], "float32")  # variances 1 and 9
    for threshold, count in ((0.5, 2), (4.0, 1), (10.0, 0)):
        metric = ActiveUnits(latent_size=2, threshold=threshold)
        metric.update_state(means)
        assert float(metric.result()) == count


def test_configuration_and_xla():
    metric = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(ActiveUnits(2, threshold=4.0, name="units"))
    )
    tf.function(metric.update_state, jit_compile=True)(tf.constant([[-1.0, -3.0], [1.0, 3.0]]))
    assert metric.name == "units"
    assert float(metric.result()) == 1
