"""What a network of `keras.applications` does to images first."""

import importlib
from typing import Any

import keras


@keras.saving.register_keras_serializable(package="tf_varmixup")
class ApplicationPreprocessing(keras.layers.Layer):
    """Scale images in 0..255 as a network of `keras.applications` wants them, in float32.

    Args:
        module: The network's module, such as `"resnet50"`, whose `preprocess_input` is used; where
            the network scales by itself, it returns images as they are.
        **kwargs: As of `keras.layers.Layer`, but for `dtype`, which is float32.

    Raises:
        ValueError: If there is no such module.

    Example:
        >>> layer = ApplicationPreprocessing("mobilenet_v2")
        >>> layer(np.full((1, 2, 2, 3), 255.0)).numpy().max().item()
        1.0
    """

    def __init__(self, module: str, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.module = module
        try:
            found = importlib.import_module(f"{keras.applications.__name__}.{module}")
            self._preprocess = found.preprocess_input
        except (ImportError, AttributeError) as error:
            raise ValueError(
                "Expected a module of keras.applications with preprocess_input. "
                f"Received: {module}."
            ) from error

    def call(self, images: Any) -> Any:
        """Scale a batch.

        Args:
            images: `(B, H, W, 3)` in 0..255.

        Returns:
            A `float32` tensor of that shape.
        """
        return self._preprocess(keras.ops.cast(images, "float32"))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the images."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return the layer's arguments."""
        return {**super().get_config(), "module": self.module}
