"""Keras' global settings that the library cannot work with."""

import keras


def check_keras_settings() -> None:
    """Raise ValueError if Keras is set to channels first, another backend or another float type.

    Raises:
        ValueError: The message names the setting and the file that it comes from.

    Example:
        >>> check_keras_settings()
    """
    where = "Set it in ~/.keras/keras.json or by keras.config."
    if keras.config.backend() != "tensorflow":
        raise ValueError(
            f"Expected the Keras backend 'tensorflow'. Received: {keras.config.backend()!r}. "
            "Set KERAS_BACKEND or ~/.keras/keras.json."
        )
    if keras.config.image_data_format() != "channels_last":
        raise ValueError(
            "Expected Keras' image_data_format to be 'channels_last'. "
            f"Received: {keras.config.image_data_format()!r}. {where}"
        )
    if keras.config.floatx() != "float32":
        raise ValueError(
            f"Expected Keras' floatx to be 'float32'. Received: {keras.config.floatx()!r}. {where} "
            "Half precision is a dtype policy: keras.config.set_dtype_policy('mixed_bfloat16')."
        )
