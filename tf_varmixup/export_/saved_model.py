"""A SavedModel that takes pictures and needs no code of this library."""

import os
import pathlib
import shutil

import keras
import tensorflow as tf

from tf_varmixup.images import as_float


def export_saved_model(folder, classifier, image_shape, temperature=1.0, autoencoder=None):
    """Write a classifier, and the autoencoder if there is one, as a SavedModel.

    Signatures:

    - `serving_default`: `images`, `uint8 (None, H, W, C)`, to `logits`, `probabilities` (softmax of
      the logits over the temperature) and
      `label` (the most probable class, `int64`);
    - `encode`: `images`, `uint8 (None, H, W, C)`, to `mean` and `stddev` of the posterior;
    - `decode`: `latents`, `float32 (None, *latent_shape)`, to `images`, `float32` in [0, 1].

    Args:
        folder: where to write; the folder must not exist, and appears whole or not at all.
        classifier: Keras model from pictures `(B, H, W, C)`, `uint8` or `float32` in [0, 1], to
            logits `(B, K)`.
        image_shape: `(H, W, C)`.
        temperature: positive number, what the logits are divided by for the probabilities.
        autoencoder: None, or a `VariationalAutoencoder`.

    Returns:
        The folder, a `pathlib.Path`.

    Raises:
        FileExistsError: if the folder exists.
        ValueError: for a temperature that is not positive.

    Example:
        >>> export_saved_model("saved_model", classifier, (32, 32, 3), temperature=1.3)
        >>> serve = tf.saved_model.load("saved_model").signatures["serving_default"]
        >>> serve(images=pictures)["probabilities"]
    """
    folder = pathlib.Path(folder)
    if folder.exists():
        raise FileExistsError(f"{folder} exists; a SavedModel is not written over another.")
    if not 0.0 < temperature < float("inf"):
        raise ValueError(f"temperature must be a positive number, received {temperature!r}.")
    pictures = tf.TensorSpec((None, *image_shape), tf.uint8, name="images")

    def serve(images):
        logits = tf.cast(classifier(as_float(images), training=False), tf.float32)
        return {
            "logits": logits,
            "probabilities": tf.nn.softmax(logits / temperature),
            "label": tf.argmax(logits, 1),
        }

    archive = keras.export.ExportArchive()
    archive.track(classifier)
    archive.add_endpoint("serving_default", serve, [pictures])
    if autoencoder is not None:

        def encode(images):
            posterior = autoencoder.posterior(images)
            return {"mean": posterior.mean(), "stddev": posterior.stddev()}

        def decode(latents):
            return {"images": autoencoder.decode(latents)}

        archive.track(autoencoder)
        archive.add_endpoint("encode", encode, [pictures])
        archive.add_endpoint(
            "decode",
            decode,
            [tf.TensorSpec((None, *autoencoder.latent_shape), tf.float32, name="latents")],
        )
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    archive.write_out(os.fspath(partial), verbose=False)
    partial.rename(folder)
    return folder
