"""What all `tf.data` pipelines of the library have in common."""

import numpy as np
import tensorflow as tf

_ALIGNMENT = 64  # bytes; what TensorFlow's kernels take for granted


def without_autotuner(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """Return a dataset whose iterators have no autotuner.

    The autotuner is a thread for each iterator that wakes up ever more rarely, in the end once a
    minute, and an iterator that is deleted waits for it: the longer a pipeline served, the longer
    the program stands still at its end. Without it, `tf.data.AUTOTUNE` is a call per processor.

    Args:
        dataset: A `tf.data.Dataset`.

    Returns:
        A `tf.data.Dataset` of the same elements.

    Example:
        >>> [int(one) for one in without_autotuner(tf.data.Dataset.range(3))]
        [0, 1, 2]
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.with_options(options)


def aligned_array(shape: tuple[int, ...]) -> np.ndarray:
    """Return a new `uint8` array whose memory a tensor can share, its values not set.

    Args:
        shape: Its shape.

    Returns:
        An array.

    Example:
        >>> aligned_array((2, 8, 8, 1)).shape
        (2, 8, 8, 1)
    """
    size = int(np.prod(shape, dtype=np.int64))
    memory = np.empty(size + _ALIGNMENT, np.uint8)
    first = -memory.ctypes.data % _ALIGNMENT
    return memory[first : first + size].reshape(shape)


def tensor_of(array: np.ndarray) -> tf.Tensor:
    """Return an array as a tensor in the host's memory, the same memory if it is aligned.

    `tf.constant` always copies. Whoever changes the array changes the tensor.

    Args:
        array: An array of numbers.

    Returns:
        An eager tensor.

    Example:
        >>> array = aligned_array((2, 8, 8, 1))
        >>> np.shares_memory(np.asarray(tensor_of(array)), array)
        True
    """
    fits = array.size and array.flags.c_contiguous and array.flags.writeable
    with tf.init_scope(), tf.device("CPU:0"):
        if fits and array.ctypes.data % _ALIGNMENT == 0:
            return tf.experimental.dlpack.from_dlpack(array.__dlpack__())
        return tf.constant(array)
