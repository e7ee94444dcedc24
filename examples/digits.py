"""Train a classifier by VarMixup on scikit-learn's digits, and watch its calibration.

Run it in the checkout by `python -m examples.digits`.
"""

import keras

from callbacks import CalibrationCallback, CorruptionRobustnessCallback
from models import VariationalAutoencoder, compact
from tf_varmixup import VarMixup, VicinalClassifier, data


def main(autoencoder_epochs: int = 30, epochs: int = 10) -> dict[str, list[float]]:
    """Train the autoencoder and the classifier; return the metrics of each epoch."""
    digits = data.load_data("digits")
    autoencoder = VariationalAutoencoder(digits.image_shape, width=16)
    autoencoder.compile(keras.optimizers.Adam(2e-3))
    autoencoder.fit(digits.train.images, epochs=autoencoder_epochs)

    network = compact(digits.image_shape, digits.num_classes)
    model = VicinalClassifier(network, VarMixup(autoencoder, alpha=1.0))
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    callbacks = [
        CalibrationCallback(digits.validation),
        CorruptionRobustnessCallback(
            digits.validation, corruptions="validation", severities=3, every=5
        ),
    ]
    labels = keras.utils.to_categorical(digits.train.labels)
    history = model.fit(digits.train.images, labels, epochs=epochs, callbacks=callbacks)
    return history.history


if __name__ == "__main__":
    main()
