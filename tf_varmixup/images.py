"""Pictures between their two forms: ``uint8`` as stored, ``float32`` in [0, 1] as computed with."""

import tensorflow as tf


def as_float(images):
    """Convert pictures to ``float32`` in [0, 1].

    Args:
        images: tensor or array `(B, H, W, C)`; integers are taken as 0 to 255, floating-point
            values as already lying in [0, 1].

    Returns:
        A `float32` tensor of the same shape.

    Example:
        >>> float(as_float(np.full((1, 8, 8, 1), 255, "uint8"))[0, 0, 0, 0])
        1.0
    """
    images = tf.convert_to_tensor(images)
    if images.dtype.is_integer:
        return tf.cast(images, tf.float32) * (1.0 / 255.0)
    return tf.cast(images, tf.float32)


def as_uint8(images):
    """Convert pictures in [0, 1] to ``uint8``, rounding to the nearest level and clipping what lies
    outside.

    Args:
        images: tensor or array `(B, H, W, C)`; integers pass through as they are.

    Returns:
        A `uint8` tensor of the same shape.

    Example:
        >>> int(as_uint8(np.full((1, 8, 8, 1), 0.5, "float32"))[0, 0, 0, 0])
        128
    """
    images = tf.convert_to_tensor(images)
    if images.dtype.is_integer:
        return tf.cast(images, tf.uint8)
    return tf.cast(
        tf.round(tf.clip_by_value(tf.cast(images, tf.float32), 0.0, 1.0) * 255.0), tf.uint8
    )
