"""A SavedModel that takes images and needs no code of this library."""

import os
import pathlib
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

import tf_varmixup
from tf_varmixup.calibration import VectorScaling
from tf_varmixup.checks import check_count, check_positive
from tf_varmixup.files import whole, write_json
from tf_varmixup.images import VALUE_RANGE, check_value_range, to_unit

# TensorFlow keeps this folder of a SavedModel for what users add.
METADATA = "assets.extra/metadata.json"


def export_saved_model(
    folder: str | os.PathLike[str],
    classifier: keras.Model,
    image_shape: Sequence[int],
    temperature: float = 1.0,
    autoencoder: keras.Model | None = None,
    value_range: tuple[int, int] | None = None,
    class_names: Sequence[str] | None = None,
    dataset: str | None = None,
    vector_scaling: VectorScaling | None = None,
) -> pathlib.Path:
    """Write a classifier, and the autoencoder if there is one, as a SavedModel.

    Signatures:

    - `serving_default`: `images`, `uint8 (None, H, W, C)`, to `logits`, `probabilities` (softmax of
      the logits over the temperature) and `label` (the most probable class, `int64`), and with
      vector scaling to `probabilities_after_vector_scaling`, in which another class may be the most
      probable;
    - `encode`: `images`, `uint8 (None, H, W, C)`, to `mean` and `stddev` of the posterior;
    - `decode`: `latents`, `float32 (None, *latent_shape)`, to `images`, `float32` in 0..255.

    What the model serves is written into the folder as `assets.extra/metadata.json`: class names,
    image shape, temperature, vector scaling, dataset, and the version of this library.

    Args:
        folder: Where to write; the folder must not exist, and appears whole or not at all.
        classifier: Keras model from images `(B, H, W, C)` to logits `(B, K)`; it need not be one of
            this library's.
        image_shape: `(H, W, C)`.
        temperature: Positive number, what the logits are divided by for the probabilities.
        autoencoder: None, or a model like `VariationalAutoencoder`.
        value_range: What the classifier takes, (0, 255) or (0, 1). None takes its own
            `value_range`, as a `VicinalClassifier` has it, or else (0, 255). The SavedModel takes
            `uint8` in any case.
        class_names: Names of the K classes, or None.
        dataset: Name of the dataset that the classifier was trained on, or None.
        vector_scaling: A `VectorScaling` to serve besides, or None.

    Returns:
        The folder.

    Raises:
        FileExistsError: If the folder exists.
        ValueError: If the temperature is not positive, the classifier does not give logits
            `(B, K)` for images of that shape, or there are not K class names, scales or biases.

    Example:
        >>> import tempfile
        >>> from models import compact
        >>> folder = pathlib.Path(tempfile.mkdtemp(), "saved_model")
        >>> path = export_saved_model(folder, compact((8, 8, 1), 10), (8, 8, 1), temperature=1.3)
        >>> model = tf.saved_model.load(path)
        >>> serve = model.signatures["serving_default"]
        >>> serve(images=tf.zeros((2, 8, 8, 1), tf.uint8))["probabilities"].shape
        TensorShape([2, 10])
    """
    folder = pathlib.Path(folder)
    if os.path.lexists(folder):
        raise FileExistsError(f"Expected a folder that does not exist. Received: {folder}.")
    temperature = check_positive("temperature", temperature)
    if value_range is None:
        value_range = getattr(classifier, "value_range", VALUE_RANGE)
    value_range = check_value_range(value_range)
    shape = [check_count("image_shape", size) for size in image_shape]
    specification = tf.TensorSpec((None, *shape), tf.uint8, name="images")

    def serve(images: tf.Tensor) -> dict[str, tf.Tensor]:
        inputs = to_unit(images) if value_range == (0, 1) else tf.cast(images, tf.float32)
        logits = tf.cast(classifier(inputs, training=False), tf.float32)
        served = {
            "logits": logits,
            "probabilities": tf.nn.softmax(logits / temperature),
            "label": tf.argmax(logits, 1),
        }
        if vector_scaling is not None:
            scaled = logits * tf.constant(vector_scaling.scale, tf.float32)
            scaled += tf.constant(vector_scaling.bias, tf.float32)
            served["probabilities_after_vector_scaling"] = tf.nn.softmax(scaled)
        return served

    # Run once before anything is written; it also builds a classifier that never was.
    num_classes = _count_classes(classifier(np.zeros((1, *shape), "float32"), training=False))
    if class_names is not None and len(class_names) != num_classes:
        raise ValueError(f"Expected {num_classes} class_names. Received: {len(class_names)}.")
    if vector_scaling is not None and len(vector_scaling.scale) != num_classes:
        raise ValueError(
            f"Expected vector_scaling of {num_classes} classes. "
            f"Received: {len(vector_scaling.scale)}."
        )

    archive = keras.export.ExportArchive()
    archive.track(classifier)
    archive.add_endpoint("serving_default", serve, [specification])
    if autoencoder is not None:

        def encode(images: tf.Tensor) -> dict[str, tf.Tensor]:
            posterior = autoencoder.posterior(images)
            return {"mean": posterior.mean(), "stddev": posterior.stddev()}

        def decode(latents: tf.Tensor) -> dict[str, tf.Tensor]:
            return {"images": autoencoder.decode(latents)}

        latents = tf.TensorSpec((None, *autoencoder.latent_shape), tf.float32, name="latents")
        archive.track(autoencoder)
        archive.add_endpoint("encode", encode, [specification])
        archive.add_endpoint("decode", decode, [latents])

    metadata = {
        "class_names": None if class_names is None else [str(name) for name in class_names],
        "image_shape": shape,
        "temperature": temperature,
        "vector_scaling": None if vector_scaling is None else vector_scaling.as_fact(),
        "dataset": dataset,
        "version": tf_varmixup.__version__,
    }
    _write(archive, folder, metadata)
    return folder


def _count_classes(logits: Any) -> int:
    shape = getattr(logits, "shape", None)
    if shape is None or len(shape) != 2:
        raise ValueError(
            "Expected a classifier that returns logits (B, K). "
            f"Received: {type(logits).__name__ if shape is None else f'shape {tuple(shape)}'}."
        )
    return int(shape[1])


def _write(
    archive: keras.export.ExportArchive, folder: pathlib.Path, metadata: dict[str, Any]
) -> None:
    with whole(folder) as partial:
        archive.write_out(os.fspath(partial), verbose=False)
        (partial / METADATA).parent.mkdir()
        write_json(partial / METADATA, metadata)
