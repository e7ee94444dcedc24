"""Divergences between a posterior, or the codes drawn from it, and the prior."""

import tensorflow as tf
import tensorflow_probability as tfp


def kl_divergence(posterior, prior):
    """Kullback-Leibler divergence KL(posterior || prior), a value a picture.

    Args:
        posterior: `tfp.distributions.Distribution` with batch shape `(B,)`.
        prior: distribution over the same events; its closed-form divergence from `posterior` must
            be known to TFP.

    Returns:
        A `float32` tensor `(B,)` in nats.

    Example:
        >>> kl_divergence(autoencoder.posterior(images), autoencoder.prior)

    Source: Kingma and Welling, "Auto-Encoding Variational Bayes", arXiv 1312.6114, equation 7.
    """
    return tf.cast(tfp.distributions.kl_divergence(posterior, prior), tf.float32)


def maximum_mean_discrepancy(codes, samples):
    """Squared maximum mean discrepancy between two sets of points, the biased estimate.

    The kernel is exp(-mean_d (x_d - y_d)^2 / D) over D dimensions, that of the InfoVAE authors'
    code. Its values lie close to 1 where D is large, so exp(.) - 1 is summed instead: the ones
    cancel.

    Args:
        codes: tensor `(N, ...)`, for instance latents drawn from the posterior; further axes are
            flattened.
        samples: tensor `(M, ...)` of as many dimensions, for instance draws of the prior.

    Returns:
        A `float32` scalar, 0 where both sets are the same.

    Example:
        >>> maximum_mean_discrepancy(latents, prior.sample(256, seed=seed))

    Source: Gretton et al., "A Kernel Two-Sample Test", JMLR 13, 2012, equation 5; Zhao et al.,
        "InfoVAE", arXiv 1706.02262, section 3.2.
    """
    codes, samples = (
        tf.cast(tf.reshape(points, (tf.shape(points)[0], -1)), tf.float32)
        for points in (codes, samples)
    )
    dimensions = tf.cast(tf.shape(codes)[1], tf.float32)

    def mean_kernel(first, second):
        squares = tf.reduce_sum(first**2, 1)[:, None] + tf.reduce_sum(second**2, 1)[None, :]
        distances = tf.maximum(squares - 2.0 * tf.matmul(first, second, transpose_b=True), 0.0)
        return tf.reduce_mean(tf.math.expm1(-distances / dimensions**2))

    return (
        mean_kernel(codes, codes)
        + mean_kernel(samples, samples)
        - 2.0 * mean_kernel(codes, samples)
    )
