"""What makes runs of `train.py` short enough to be tried by the dozen."""

import functools
from typing import Any

import numpy as np

FEW = ("gaussian_noise", "fog", "contrast", "saturate")  # the corruptions of the grid


def make_small() -> None:
    """Make what runs take their time with small, in this process."""
    import models
    from tf_varmixup import report
    from tf_varmixup.corruptions import cell
    from tf_varmixup.report import plots_training
    from tf_varmixup.training import benchmark, reference_classifier

    def darken(images: Any, corruption: str, severity: int, *_: object) -> Any:
        return images // np.uint8(1 + severity + len(corruption) % 3)

    def some(test: Any, corruptions: Any, **settings: Any) -> Any:
        few = FEW if corruptions == "all" else corruptions
        return full_benchmark(test, few, **settings)

    def curves(*parts: Any, **_: object) -> dict[str, Any]:
        return {"learning_curves": plots_training.learning_curves(parts[6])}

    full = models.VariationalAutoencoder
    full_benchmark = vars(benchmark)["CorruptionBenchmark"]
    vars(benchmark)["CorruptionBenchmark"] = some
    vars(models)["VariationalAutoencoder"] = functools.partial(
        full, width=4, blocks=1, latent_size=2
    )
    vars(models)["compact"] = models.NETWORKS["compact"] = small_network
    vars(report)["run_plots"] = curves
    vars(cell)["corrupt"] = darken
    vars(reference_classifier)["STEPS"] = 20


def small_network(image_shape: Any, num_classes: int = 10, width: int = 8) -> Any:
    """Build a classifier of two stages, with statistics that its training changes too."""
    import keras
    from keras import layers

    inputs = keras.Input(image_shape)
    x = layers.Rescaling(1 / 127.5, -1.0)(inputs)
    for stage in ("stage1", "stage2"):
        x = layers.Conv2D(width, 3, strides=2, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization()(x)
        x = layers.Activation("relu", name=stage)(x)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dense(num_classes, dtype="float32")(x)
    return keras.Model(inputs, x)


def make_two_processors() -> None:
    """Make two replicas of a mirrored strategy, in this process."""
    import tensorflow as tf

    tf.config.set_logical_device_configuration(
        tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
    )
