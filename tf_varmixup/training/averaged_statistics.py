"""Moving statistics that are the same on all replicas when they are measured and saved."""

from typing import Any

import keras

from tf_varmixup.workers import average_over_replicas


class AveragedStatistics(keras.callbacks.Callback):
    """Average the moving statistics of batch normalization over replicas after each epoch.

    Under a distribution strategy every replica has its own moving statistics of batch
    normalization, and what is saved is the first one's. It belongs before callbacks that measure or
    save, and needs validation data. Of the methods only the adversarial ones, which attack the
    classifier as it predicts, use these statistics in training.

    Example:
        >>> model = keras.Sequential([keras.layers.BatchNormalization()])
        >>> model.compile("sgd", "mse")
        >>> inputs = np.ones((4, 2))
        >>> history = model.fit(
        ...     inputs, inputs, validation_data=(inputs, inputs), callbacks=[AveragedStatistics()]
        ... )  # doctest: +SKIP
    """

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Average before the validation images are looked at."""
        average_over_replicas(self.model)
