"""The kernel of a convolution that decorrelates small patches."""

import keras
import numpy as np


@keras.saving.register_keras_serializable(package="tf_varmixup")
class PatchCosines(keras.initializers.Initializer):
    """Start a convolution as the orthonormal discrete cosine transform of each patch, over rows, columns and channels.

    Natural pictures' covariances are nearly diagonal in it: sums and differences of neighbouring pixels, and over red, green and blue the
    grey level and two opponent colours. Scaled to one variance each, by a normalisation that follows, they are whitened patches, and nothing
    had to be learned from the data. The output has one channel a coefficient, rows times columns times channels of the patch.

    Example:
        >>> keras.layers.Conv2D(12, 2, use_bias=False, trainable=False, kernel_initializer=PatchCosines())  # of pictures (B, H, W, 3)

    Source: Ahmed, Natarajan and Rao, "Discrete Cosine Transform", IEEE Transactions on Computers, 1974.
    """

    def __call__(self, shape, dtype=None):
        """Return the kernel of `shape` `(rows, columns, C, rows * columns * C)`; ValueError for another number of outputs."""
        *patch, outputs = shape
        if outputs != np.prod(patch):
            raise ValueError(f"patches of shape {tuple(patch)} have {np.prod(patch)} coefficients, not {outputs}.")
        rows, columns, channels = (_cosines(size) for size in patch)
        kernel = np.einsum("ua,vb,wc->abcuvw", rows, columns, channels).reshape(shape)
        return keras.ops.convert_to_tensor(kernel, dtype or keras.config.floatx())


def _cosines(size):
    """The orthonormal discrete cosine transform (DCT-II) of `size` values, a basis vector a row."""
    frequencies, places = np.mgrid[:size, :size]
    matrix = np.sqrt(2 / size) * np.cos(np.pi * frequencies * (places + 0.5) / size)
    matrix[0] /= np.sqrt(2)
    return matrix
