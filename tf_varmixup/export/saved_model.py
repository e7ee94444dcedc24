"""A SavedModel that takes images and needs no code of this library."""

import json
import os
import pathlib
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from tf_varmixup.calibration import VectorScaling
from tf_varmixup.export.precision import in_float32
from tf_varmixup.export.served_classifier import ServedClassifier
from tf_varmixup.export.warmup import WARMUP, write_warmup_requests
from tf_varmixup.files import read_json, whole, write_json

# TensorFlow keeps this folder of a SavedModel for what users add.
METADATA = "assets.extra/metadata.json"
DEFAULT, FLOAT32 = "serving_default", "serving_float32"


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
    method: str | None = None,
) -> pathlib.Path:
    """Write a classifier, and the autoencoder if there is one, as a SavedModel.

    Signatures:

    - `serving_default`: `images`, `uint8 (None, H, W, C)`, to `logits`, `probabilities` (softmax of
      the logits over the temperature) and `label` (the most probable class, `int64`), and with
      vector scaling to `probabilities_after_vector_scaling`, in which another class may be the most
      probable;
    - `serving_float32`: the same with the same weights, computed in `float32`; where the classifier
      computes in half precision, which is fast on some processors, slow on others, and which no
      converter to LiteRT or ONNX takes;
    - `describe`: of no input, to `metadata`, the text of the JSON below, and `class_names`, which
      are the numbers of the classes where they have no names;
    - `encode`: `images`, `uint8 (None, H, W, C)`, to `mean` and `stddev` of the posterior;
    - `decode`: `latents`, `float32 (None, *latent_shape)`, to `images`, `float32` in 0..255.

    What the model serves is written into the folder as `assets.extra/metadata.json`: class names,
    image shape, value range of the images, temperature, vector scaling, dataset, method, the
    signature that computes in `float32`, and the version of this library. TensorFlow Serving finds
    requests to warm up with beside it.

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
        method: Name of the method that the classifier was trained by, or None.

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
    served = ServedClassifier(
        classifier,
        image_shape,
        temperature,
        value_range,
        class_names,
        dataset,
        method,
        vector_scaling,
    )
    specification = tf.TensorSpec((None, *served.image_shape), tf.uint8, name="images")
    archive = keras.export.ExportArchive()
    archive.track(classifier)
    archive.add_endpoint(DEFAULT, _traced(served, specification))
    float32_signature = DEFAULT
    with in_float32(classifier) as is_another:
        if is_another:
            float32_signature = FLOAT32
            archive.add_endpoint(FLOAT32, _traced(served, specification))
    metadata = {**served.metadata(), "float32_signature": float32_signature}
    archive.add_endpoint("describe", _traced(_description(metadata, served)))
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
    with whole(folder) as partial:
        archive.write_out(os.fspath(partial), verbose=False)
        (partial / METADATA).parent.mkdir()
        write_json(partial / METADATA, metadata)
        of_images = dict.fromkeys([DEFAULT, float32_signature])
        write_warmup_requests(partial / WARMUP, served.image_shape, of_images)
    return folder


def read_metadata(folder: str | os.PathLike[str]) -> dict[str, Any]:
    """Read what a SavedModel of this library says that it serves.

    Args:
        folder: The folder of the SavedModel.

    Returns:
        A dict; empty for a SavedModel of another origin, and with fewer entries for one of an
        earlier version.

    Raises:
        ValueError: If the file is no JSON object.

    Example:
        >>> read_metadata("nowhere")
        {}
    """
    path = pathlib.Path(folder, METADATA)
    return read_json(path) if path.is_file() else {}


def _traced(function: Any, *specification: tf.TensorSpec) -> Any:
    """Make a graph of a function now: what it does may depend on when it is called."""

    def call(*arguments: tf.Tensor) -> dict[str, tf.Tensor]:
        return function(*arguments)

    traced = tf.function(call, input_signature=specification, autograph=False)
    traced.get_concrete_function()
    return traced


def _description(metadata: dict[str, Any], served: ServedClassifier) -> Any:
    names = metadata["class_names"] or [str(one) for one in range(served.num_classes)]

    def describe() -> dict[str, tf.Tensor]:
        text = json.dumps(metadata, ensure_ascii=False)
        return {"metadata": tf.constant(text), "class_names": tf.constant(names)}

    return describe
