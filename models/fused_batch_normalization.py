"""Batch normalization in one fused operation."""

from typing import Any

import keras
import tensorflow as tf

from tf_varmixup.checks import check_positive, check_share


@keras.saving.register_keras_serializable(package="tf_varmixup")
class FusedBatchNormalization(keras.layers.Layer):
    """Batch normalization over the batch and both spatial axes by TensorFlow's fused kernel.

    Keras' own `BatchNormalization` spells the computation out in elementwise operations; on a CPU
    the fused kernel, forward and backward, takes half the time or less. Output, gradients and
    moving statistics are those of `keras.layers.BatchNormalization`, but for the moving variance,
    which here takes the batch's unbiased variance (Bessel's correction), as the fused kernel yields
    it.

    Scale, offset and statistics are `float32` under every dtype policy. Under `tf.distribute` each
    replica keeps the statistics of its own share of the batches, as with Keras' layer; `train.py`
    averages them after each epoch.

    Args:
        momentum: Weight of the past in the moving statistics, in [0, 1).
        epsilon: Added to the variance.
        scale: Whether a scale is learned and multiplied by.
        gamma_initializer: Initializer of the scale; `"zeros"` makes a residual branch start as the
            identity.

    Input and output: `(B, H, W, C)`, channels last.

    Raises:
        ValueError: If `momentum` or `epsilon` is out of bounds.

    Example:
        >>> FusedBatchNormalization()(np.ones((2, 8, 8, 3), "float32")).shape
        TensorShape([2, 8, 8, 3])

    Source:
        Ioffe and Szegedy, "Batch Normalization", arXiv 1502.03167.
    """

    def __init__(
        self,
        momentum: float = 0.9,
        epsilon: float = 1e-3,
        scale: bool = True,
        gamma_initializer: Any = "ones",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.momentum = check_share("momentum", momentum)
        self.epsilon = check_positive("epsilon", epsilon)
        self.scale = bool(scale)
        self.gamma_initializer = keras.initializers.get(gamma_initializer)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create a scale, an offset and moving statistics per channel."""
        if len(input_shape) != 4 or input_shape[-1] is None:
            raise ValueError(
                "Expected maps (B, H, W, C) with C known for FusedBatchNormalization. "
                f"Received: shape {tuple(input_shape)}."
            )
        shape = (input_shape[-1],)

        def weight(name: str, initializer: Any, trainable: bool) -> Any:
            return self.add_weight(
                shape=shape,
                name=name,
                initializer=initializer,
                trainable=trainable,
                dtype="float32",
                autocast=False,
            )

        self.gamma = weight("gamma", self.gamma_initializer, True) if self.scale else None
        self.beta = weight("beta", "zeros", True)
        self.moving_mean = weight("moving_mean", "zeros", False)
        self.moving_variance = weight("moving_variance", "ones", False)
        self.built = True

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Normalize maps by the batch's statistics in training, by the moving ones otherwise.

        Args:
            inputs: `(B, H, W, C)`.
            training: Whether to take the batch's statistics and update the moving ones.

        Returns:
            A tensor of the same shape and dtype.
        """
        training = training and self.trainable
        nothing, channels = tf.zeros((0,), tf.float32), (inputs.shape[-1],)
        # oneDNN has no fast bfloat16 kernel for channels that do not fill its registers: float32
        # takes a tenth of the time there.
        slow = inputs.dtype == tf.bfloat16 and inputs.shape[-1] % 16
        outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=tf.cast(inputs, tf.float32) if slow else inputs,
            scale=tf.convert_to_tensor(self.gamma) if self.scale else tf.ones(channels),
            offset=tf.convert_to_tensor(self.beta),
            mean=nothing if training else tf.convert_to_tensor(self.moving_mean),
            variance=nothing if training else tf.convert_to_tensor(self.moving_variance),
            epsilon=self.epsilon,
            is_training=training,
        )
        if training:
            # The statistics of an empty batch, which a replica may get at the end of the data, are
            # not numbers.
            empty = tf.equal(tf.size(inputs), 0)
            for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
                past = tf.convert_to_tensor(moving)
                moving.assign(
                    tf.where(empty, past, past * self.momentum + batch * (1.0 - self.momentum))
                )
        return tf.cast(outputs, inputs.dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments for Keras to save."""
        return {
            **super().get_config(),
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "scale": self.scale,
            "gamma_initializer": keras.initializers.serialize(self.gamma_initializer),
        }
