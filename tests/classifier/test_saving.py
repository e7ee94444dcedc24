import os
import pathlib
import subprocess
import sys
import textwrap

import keras
import numpy as np
import pytest

from tests.classifier.common import (
    IMAGES,
    LABELS,
    assert_same_weights,
    fit,
    make,
)
from tf_varmixup.methods import Mixup, VarMixup


# In graphs; test_harness_methods.py has the same for every method and for copies, step by step.
def test_saved_and_loaded_it_goes_on_as_if_nothing_had_happened(autoencoder, tmp_path):
    distribution = VarMixup(autoencoder, alpha=0.4)
    model = make(distribution, keras.optimizers.Adam(1e-2), seed=7)
    fit(model)
    model.save(tmp_path / "classifier.keras")
    loaded = keras.saving.load_model(tmp_path / "classifier.keras")
    assert loaded.seed == 7
    assert int(loaded.step) == 4
    assert type(loaded.vicinity) is type(distribution)
    assert loaded.vicinity.alpha == distribution.alpha
    assert len(loaded.trainable_variables) == 4
    np.testing.assert_array_equal(
        loaded.predict(IMAGES, verbose=0), model.predict(IMAGES, verbose=0)
    )
    one, other = fit(model), fit(loaded)
    assert int(loaded.step) == 8
    np.testing.assert_allclose(one["loss"], other["loss"], rtol=1e-5)
    assert_same_weights(loaded, model, atol=1e-5)


def test_without_a_method_it_is_saved_too(tmp_path):
    model = make(None)
    model.save(tmp_path / "classifier.keras")
    loaded = keras.saving.load_model(tmp_path / "classifier.keras")
    assert loaded.method is None
    np.testing.assert_array_equal(
        loaded.predict(IMAGES, verbose=0), model.predict(IMAGES, verbose=0)
    )


def test_a_resumed_run_is_the_uninterrupted_run(tmp_path):
    class Interrupt(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                raise KeyboardInterrupt

    def new():
        return make(Mixup(alpha=0.4), "adam", compile_settings={"run_eagerly": True})

    whole, data = new(), (IMAGES[:8], LABELS[:8])
    fit(whole, *data, epochs=2)
    backup = {"backup_dir": str(tmp_path / "backup"), "delete_checkpoint": False}
    with pytest.raises(KeyboardInterrupt):
        fit(
            new(),
            *data,
            epochs=2,
            callbacks=[keras.callbacks.BackupAndRestore(**backup), Interrupt()],
        )
    resumed = new()
    history = fit(resumed, *data, epochs=2, callbacks=[keras.callbacks.BackupAndRestore(**backup)])
    assert len(history["loss"]) == 1
    assert int(resumed.step) == 4
    assert_same_weights(resumed, whole, atol=1e-5)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_weights_bit_for_bit():
    program = """
        import hashlib, keras, numpy as np, tensorflow as tf
        from models import FusedBatchNormalization, VariationalAutoencoder
        from tf_varmixup.classifier import VicinalClassifier
        from tf_varmixup.methods import VarMixup
        tf.config.experimental.enable_op_determinism()
        images = np.random.default_rng(0).integers(0, 256, (16, 8, 8, 3)).astype("uint8")
        labels = np.eye(3, dtype="float32")[np.arange(16) % 3]
        keras.utils.set_random_seed(0)
        autoencoder = VariationalAutoencoder((8, 8, 3), width=8, blocks=1, latent_size=2)
        for _ in range(2):
            keras.utils.set_random_seed(0)
            backbone = keras.Sequential(
                [
                    keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 3), FusedBatchNormalization(),
                    keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(3),
                ]
            )
            method = VarMixup(autoencoder, latents="sample", alpha=0.5)
            model = VicinalClassifier(backbone, method, seed=4)
            model.compile("adam", keras.losses.CategoricalCrossentropy(from_logits=True))
            model.fit(images, labels, batch_size=4, epochs=2, verbose=0)
            whole = b"".join(weight.tobytes() for weight in model.backbone.get_weights())
            print("digest", hashlib.sha256(whole).hexdigest())
    """
    root = pathlib.Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root), "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    first, second = (line for line in done.stdout.splitlines() if line.startswith("digest"))
    assert first == second
