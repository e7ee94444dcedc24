"""Manifold Mixup: mixup of what a hidden layer returns."""

import functools
from collections.abc import Callable
from typing import Any, Literal

import keras
import tensorflow as tf

from tf_varmixup import draws
from tf_varmixup.checks import Positive, check_choice, check_positive
from tf_varmixup.images import to_unit
from tf_varmixup.methods.from_levels import FromLevels
from tf_varmixup.methods.hidden_layers import check_layers, run_changed
from tf_varmixup.methods.method import Batch, Method
from tf_varmixup.methods.pairwise import interpolate, interpolate_images
from tf_varmixup.methods.registry import register
from tf_varmixup.methods.softmax_binary_crossentropy import SoftmaxBinaryCrossentropy
from tf_varmixup.methods.vicinal_distribution import check_soft_labels

INPUT = "input"


@register("manifold_mixup")
class ManifoldMixup(Method):
    """Images or what a hidden layer returns, and labels, interpolated linearly.

    Each step draws one of the stages, and h' = lambda h_i + (1 - lambda) h_j of what it returns,
    y' = lambda y_i + (1 - lambda) y_j.

    Args:
        alpha: Both parameters of the Beta distribution of the mixing weights; 1 is uniform.
        lambda_per: What each mixing weight is drawn for. The authors draw one per batch.
        stages: Where to mix, separated by commas: input, and names of the network's layers, which
            are model/layer inside another model. One of them is drawn for each step.
        loss: Cross-entropy of the mixed labels, or the authors' binary cross-entropy of the
            softmax, which is several times smaller.

    Raises:
        ValueError: If a number or word is bad, or a stage is named twice.

    Example:
        >>> from models import compact
        >>> from tf_varmixup import VicinalClassifier
        >>> model = VicinalClassifier(compact((8, 8, 1), 2), ManifoldMixup(stages="input,stage3"))
        >>> model.compile("sgd", keras.losses.CategoricalCrossentropy(from_logits=True))
        >>> images, labels = np.full((4, 8, 8, 1), 200, "uint8"), np.eye(2)[[0, 1, 0, 1]]
        >>> history = model.fit(images, labels, verbose=0)

    Source: Verma et al., "Manifold Mixup", arXiv 1806.05236, section 2.
    """

    def __init__(
        self,
        alpha: Positive = 2.0,
        lambda_per: Literal["batch", "image"] = "batch",
        stages: str = "input,stage1,stage2",
        loss: Literal["cross_entropy", "binary"] = "cross_entropy",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.alpha = check_positive("alpha", alpha)
        self.lambda_per = check_choice("lambda_per", lambda_per, ("batch", "image"))
        names = [name.strip() for name in stages.split(",")] if isinstance(stages, str) else []
        if not all(names) or not names or len(set(names)) < len(names):
            raise ValueError(
                "Expected stages to be different names, separated by commas, such as "
                f"'input,stage1,stage2'. Received: {stages!r}."
            )
        self.stages = ",".join(names)
        self.loss = check_choice("loss", loss, ("cross_entropy", "binary"))

    @property
    def required_loss(self) -> keras.losses.Loss | None:
        """The authors' loss, where it was asked for."""
        return SoftmaxBinaryCrossentropy() if self.loss == "binary" else None

    def check_network(self, network: Any) -> None:
        """Raise ValueError unless a network has the layers that are to be mixed."""
        check_layers(network, self._mixed_layers())

    def draw(self, classifier: keras.Model, batch: Batch, seed: tf.Tensor) -> Batch:
        """Draw where to mix, the mixing weights and the partners, and mix labels and images.

        Sample weights are mixed as in `VicinalDistribution`.

        Args:
            classifier: Not asked.
            batch: Images in 0..255, labels `(B, K)` and weights `(B,)` or None.
            seed: `int32 (2,)`.

        Returns:
            A `Batch` of inputs `(images, weights, partners)`: `float32 (B, H, W, C)` in 0..255,
            mixed if the stage is the input; for each layer the weight of each image itself,
            `float32 (layers, B)`, which is 1 but for the one that was drawn; and `int32 (B,)`.
        """
        labels = check_soft_labels(batch.labels)
        count, names = tf.shape(labels)[0], self.stages.split(",")
        stage_seed, weight_seed, partner_seed = draws.split(seed, 3)
        drawn = count if self.lambda_per == "image" else 1
        weights = draws.mixing_weights(drawn, self.alpha, weight_seed)
        weights = tf.broadcast_to(weights, (count,))
        partners = draws.permutation(count, partner_seed)
        stage = tf.argmax(draws.uniforms((len(names),), stage_seed), output_type=tf.int32)
        by_stage = {
            name: tf.where(stage == number, weights, 1.0) for number, name in enumerate(names)
        }
        images = tf.cast(batch.inputs, tf.float32)
        if INPUT in by_stage:
            images = interpolate_images(images, by_stage.pop(INPUT), partners)
        layers = tf.stack([*by_stage.values(), weights])[:-1]  # there may be none
        labels, sample_weights = _mix_labels(labels, batch.weights, weights, partners)
        return Batch((images, layers, partners), labels, sample_weights)

    def forward(self, backbone: Callable[..., tf.Tensor], inputs: Any) -> tf.Tensor:
        """Run the network, and mix what each layer returns by its weights."""
        images, weights, partners = inputs
        network: Any = backbone
        if isinstance(backbone, FromLevels):
            network, images = backbone.network, to_unit(images)
        names = self._mixed_layers()
        changes = {
            name: functools.partial(_mix, weights=weights[number], partners=partners)
            for number, name in enumerate(names)
        }
        return run_changed(network, images, changes)

    def _mixed_layers(self) -> list[str]:
        return [name for name in self.stages.split(",") if name != INPUT]


def _mix(features: tf.Tensor, weights: tf.Tensor, partners: tf.Tensor) -> tf.Tensor:
    return tf.cast(interpolate(features, weights, partners), features.dtype)


def _mix_labels(
    labels: tf.Tensor, sample_weights: Any, weights: tf.Tensor, partners: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor | None]:
    """Mix labels, each of which counts by its own share in the weight of the mixed example."""
    if sample_weights is None:
        return interpolate(labels, weights, partners), None
    column = tf.reshape(tf.cast(sample_weights, tf.float32), (-1, 1))
    mixed = interpolate(column, weights, partners)
    labels = interpolate(labels * column, weights, partners)
    return tf.math.divide_no_nan(labels, mixed), mixed[:, 0]
