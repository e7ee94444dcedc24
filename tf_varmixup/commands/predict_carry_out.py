"""Load a classifier, read image files as its data were read, and print what they show."""

import argparse
import json
import pathlib
import warnings
from typing import Any

import numpy as np
import rich
import rich.markup
import rich.table
import tensorflow as tf
from PIL import Image
from scipy.special import softmax

from tf_varmixup.commands.told import told_by
from tf_varmixup.data.decode import decode_image, shown
from tf_varmixup.data.limits import resize
from tf_varmixup.evaluation.loaded_classifier import LoadedClassifier, load_classifier
from tf_varmixup.evaluation.predictor import Predictor
from tf_varmixup.keras_settings import check_keras_settings

BATCH = 64


def carry_out(options: argparse.Namespace) -> None:
    """Classify the images and print the classes.

    Args:
        options: Of the command line.

    Raises:
        ValueError: If the model, or an image, is none.
        OSError: If something cannot be read.
    """
    tf.get_logger().setLevel("ERROR")
    check_keras_settings()
    loaded = load_classifier(options.model)
    told = told_by(pathlib.Path(options.model))
    shape = tuple(loaded.specification.shape[1:])
    images = [read_image(file, shape) for file in options.images]
    predict = _predictor(options, loaded)
    logits = np.concatenate([_logits(predict, batch) for batch in _batches(images)])
    names = told.get("class_names") or [str(number) for number in range(logits.shape[1])]
    if len(names) != logits.shape[1]:
        raise ValueError(
            f"Expected a model of the {len(names)} classes that it says it has. "
            f"Received: one of {logits.shape[1]}."
        )
    temperature = told.get("temperature")
    probabilities = softmax(logits.astype("float64") / (temperature or 1.0), axis=1)
    answer = {
        "model": options.model,
        "temperature": temperature,
        "images": [
            {
                "file": shown(file),
                "classes": [
                    {"label": int(k), "name": names[k], "probability": float(row[k])}
                    for k in np.argsort(-row, kind="stable")[: options.top]
                ],
            }
            for file, row in zip(options.images, probabilities, strict=True)
        ],
    }
    if options.json:
        print(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        rich.print(_table(answer))


def read_image(file: pathlib.Path, shape: tuple[int | None, ...]) -> np.ndarray:
    """Read an image as those of a folder are read, in the shape that a model takes.

    Args:
        file: An image file.
        shape: `(H, W, C)`; None stands for any size.

    Returns:
        A `uint8` array `(H, W, C)`.

    Raises:
        ValueError: If it cannot be read.
    """
    height, width, channels = shape
    with warnings.catch_warnings():  # Pillow's, on odd EXIF data and large images
        warnings.simplefilter("ignore")
        image = decode_image(file)
    if channels == 1 and image.shape[2] == 3:
        image = np.asarray(Image.fromarray(image).convert("L"))[..., None]
    elif channels in (3, None) and image.shape[2] == 1:
        image = np.repeat(image, 3, axis=2)
    sizes = (height or image.shape[0], width or image.shape[1])
    return image if image.shape[:2] == sizes else resize(image, sizes).numpy()


def _predictor(options: argparse.Namespace, loaded: LoadedClassifier) -> Predictor:
    form = loaded.form().stated(options.from_logits, options.value_range)
    if form.from_logits is None:
        raise ValueError(
            "Expected --from_logits, or a model that returns logits or probabilities. "
            f"Received: neither is plain, since {form.outputs_because}."
        )
    if form.value_range is None:
        raise ValueError(
            "Expected --value_range 0,255 or 0,1 or -1,1, the images that the model takes. "
            f"Received: none, and {form.images_because}."
        )
    return loaded.predictor(form)


def _batches(images: list[np.ndarray]) -> list[np.ndarray]:
    """Put images into batches, each alone where their sizes differ."""
    size = BATCH if len({image.shape for image in images}) == 1 else 1
    return [np.stack(images[at : at + size]) for at in range(0, len(images), size)]


def _logits(predict: Predictor, images: np.ndarray) -> np.ndarray:
    logits = np.asarray(predict(tf.constant(images), tf.range(len(images))))
    if logits.ndim != 2 or len(logits) != len(images):
        raise ValueError(
            f"Expected outputs (B, K) for {len(images)} images. Received: shape {logits.shape}."
        )
    if not np.isfinite(logits).all():
        raise ValueError("Expected finite outputs. Received: NaN or infinity for these images.")
    return logits


def _table(answer: dict[str, Any]) -> rich.table.Table:
    temperature = answer["temperature"]
    how = f"temperature {temperature:.3g}" if temperature else "not calibrated"
    last = rich.table.Column(f"probability ({how})", justify="right")
    table = rich.table.Table("image", "class", last)
    for image in answer["images"]:
        file = rich.markup.escape(image["file"])
        for one in image["classes"]:
            table.add_row(file, rich.markup.escape(one["name"]), f"{one['probability']:.1%}")
            file = ""
        table.add_section()
    return table
