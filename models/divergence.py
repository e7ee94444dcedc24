"""Divergences between a posterior, or the latents drawn from it, and the prior."""

from typing import Any

import tensorflow as tf
import tensorflow_probability as tfp


def kl_divergence(posterior: Any, prior: Any) -> tf.Tensor:
    """Return the Kullback-Leibler divergence KL(posterior || prior) per image.

    Args:
        posterior: `tfp.distributions.Distribution` with batch shape `(B,)`.
        prior: Distribution over the same events; its closed-form divergence from `posterior` must
            be known to TFP.

    Returns:
        A `float32` tensor `(B,)` in nats.

    Example:
        >>> from models import VariationalAutoencoder
        >>> autoencoder = VariationalAutoencoder((8, 8, 1), width=8)
        >>> posterior = autoencoder.posterior(np.zeros((4, 8, 8, 1), "uint8"))
        >>> kl_divergence(posterior, autoencoder.prior).shape
        TensorShape([4])

    Source:
        Kingma and Welling, "Auto-Encoding Variational Bayes", arXiv 1312.6114, equation 7.
    """
    return tf.cast(tfp.distributions.kl_divergence(posterior, prior), tf.float32)


def maximum_mean_discrepancy(latents: Any, samples: Any) -> tf.Tensor:
    """Return the squared maximum mean discrepancy between two sets of points, a biased estimate.

    The kernel is exp(-mean_d (x_d - y_d)^2 / D) over D dimensions, that of the InfoVAE authors'
    code. Its values lie close to 1 where D is large, so exp(.) - 1 is summed instead: the ones
    cancel.

    Args:
        latents: Tensor `(N, ...)`, such as draws from the posterior; further axes are flattened.
        samples: Tensor `(M, ...)` of as many dimensions, such as draws from the prior.

    Returns:
        A `float32` scalar, 0 where both sets are the same.

    Example:
        >>> points = np.array([[0.0], [1.0]])
        >>> round(float(maximum_mean_discrepancy(points, points + 1.0)), 4)
        0.4908

    Source:
        Gretton et al., "A Kernel Two-Sample Test", JMLR 13, 2012, equation 5; Zhao et al.,
        "InfoVAE", arXiv 1706.02262, section 3.2.
    """
    latents, samples = (
        tf.cast(tf.reshape(points, (tf.shape(points)[0], -1)), tf.float32)
        for points in (latents, samples)
    )
    dimensions = tf.cast(tf.shape(latents)[1], tf.float32)

    def mean_kernel(first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
        squares = tf.reduce_sum(first**2, 1)[:, None] + tf.reduce_sum(second**2, 1)[None, :]
        distances = tf.maximum(squares - 2.0 * tf.matmul(first, second, transpose_b=True), 0.0)
        return tf.reduce_mean(tf.math.expm1(-distances / dimensions**2))

    return (
        mean_kernel(latents, latents)
        + mean_kernel(samples, samples)
        - 2.0 * mean_kernel(latents, samples)
    )
