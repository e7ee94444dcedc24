import keras
import numpy as np
import pytest
import tensorflow as tf

from models import VariationalAutoencoder
from tests.classifier.common import (
    IMAGES,
    fit,
    make_backbone,
    make_eager,
)
from tf_varmixup.classifier import VicinalClassifier
from tf_varmixup.methods import (
    VarMixup,
)


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("everywhere", [True, False])
def test_bytes_and_floats_give_the_same_float32_logits(policy, everywhere, dtype_policy):
    if everywhere:
        dtype_policy(policy)
    model = VicinalClassifier(make_backbone(), dtype=policy)
    logits = model(IMAGES)
    assert logits.dtype == tf.float32
    assert np.ptp(logits) > 0.01
    np.testing.assert_allclose(model(IMAGES.astype("float32")), logits, atol=1e-6)


@pytest.fixture(scope="module")
def exact_loss(autoencoder):
    return fit(make_eager(VarMixup(autoencoder)), epochs=4)["loss"]


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_trains(policy, dtype_policy, exact_loss, autoencoder):
    dtype_policy(policy)
    half = VariationalAutoencoder((8, 8, 3), width=8, blocks=1, latent_size=2)
    half.set_weights(autoencoder.get_weights())
    model = make_eager(VarMixup(half))
    history = fit(model, epochs=4)
    assert isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer) == (
        policy == "mixed_float16"
    )
    assert model.backbone.layers[2].compute_dtype == policy.removeprefix("mixed_")
    assert all(variable.dtype == "float32" for variable in model.backbone.trainable_variables)
    np.testing.assert_allclose(history["loss"], exact_loss, rtol=0.03)
    assert int(model.step) == 16
