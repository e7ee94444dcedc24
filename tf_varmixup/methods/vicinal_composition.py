"""Several vicinal distributions as one, and the way to compose methods of any kind."""

from collections.abc import Sequence
from typing import Any, Literal

import keras
import numpy as np
import tensorflow as tf

from tf_varmixup import draws
from tf_varmixup.checks import check_applies, check_choice
from tf_varmixup.methods.composition import Composition
from tf_varmixup.methods.method import Batch, Method
from tf_varmixup.methods.vicinal_distribution import VicinalDistribution

COMBINE = ("sequence", "choice")


@keras.saving.register_keras_serializable(package="tf_varmixup")
class VicinalComposition(Composition, VicinalDistribution):
    """Vicinal distributions one after the other, or each image from one of them.

    Args:
        parts: Methods that draw images alone, at least two: vicinal distributions, and others with
            a `sample` as they have it while they hand on an image for each label, such as `augmix`
            with a consistency of 0.
        combine: `"sequence"` lets each draw from what the one before has drawn; `"choice"` divides
            each batch at random among them, in the same numbers each time, and each draws from its
            part as from a batch; one whose share is less than half an image draws none.
        shares: For `"choice"`, what share of each batch each draws, numbers separated by commas,
            equal ones if empty.

    Raises:
        ValueError: If the distributions cannot be composed, or a word or share is bad.

    Example:
        >>> from tf_varmixup.methods import Gaussian, Mixup
        >>> method = VicinalComposition([Mixup(), Gaussian()], combine="choice", shares="0.7, 0.3")
        >>> method.shares
        '0.7,0.3'
    """

    def __init__(
        self,
        parts: Sequence[Method],
        combine: Literal["sequence", "choice"] = "sequence",
        shares: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(parts=parts, **kwargs)
        self.combine = check_choice("combine", combine, COMBINE)
        where = "where combine is 'choice'"
        check_applies("shares", shares, "", self.combine == "choice", where)
        self.shares = ",".join(map(str, _parse(shares, len(parts)))) if shares else ""

    def draw(self, classifier: keras.Model, batch: Batch, seed: tf.Tensor) -> Batch:
        """Draw the batch to train on."""
        if self.combine == "sequence":
            return Composition.draw(self, classifier, batch, seed)
        return VicinalDistribution.draw(self, classifier, batch, seed)

    def sample(
        self, images: tf.Tensor, labels: tf.Tensor, seed: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Draw a batch from the vicinities of a batch."""
        if self.combine == "choice":
            # With weights of 1 beside the labels, as parts with a `sample_columns` expect them.
            labels = tf.cast(labels, tf.float32)
            columns = tf.concat([labels, tf.ones_like(labels[:, :1])], axis=1)
            images, columns = self.sample_columns(images, columns, labels, seed)
            return images, columns[:, :-1]
        for number, part in enumerate(self.parts):
            images, labels = part.sample(images, labels, draws.fold(seed, number))
        return images, labels

    def sample_columns(
        self, images: tf.Tensor, columns: tf.Tensor, labels: tf.Tensor, seed: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Draw one after the other, or divide a batch at random and let each draw its part."""
        if self.combine == "sequence":
            for number, part in enumerate(self.parts):
                step_seed = draws.fold(seed, number)
                images, columns = part.sample_columns(images, columns, labels, step_seed)
                labels = tf.math.divide_no_nan(columns[:, :-1], columns[:, -1:])
            return images, columns
        images, columns = tf.convert_to_tensor(images), tf.convert_to_tensor(columns)
        labels, count = tf.convert_to_tensor(labels), tf.shape(images)[0]
        shares = _parse(self.shares, len(self.parts))
        # The same numbers in every batch of a size: XLA must know them before.
        bounds = tf.round(np.cumsum([0.0, *shares]) * tf.cast(count, tf.float64))
        bounds = tf.unstack(tf.cast(bounds, tf.int32))
        order = draws.permutation(count, draws.fold(seed, len(self.parts)))
        drawn = []
        for number, part in enumerate(self.parts):
            start, end = bounds[number], bounds[number + 1]
            # Where a part gets no image, it draws one that is dropped: some processors'
            # convolutions give wrong shapes for none.
            first = tf.maximum(tf.minimum(start, tf.maximum(end, 1) - 1), 0)
            rows = order[first : tf.maximum(end, first + 1)]
            images_of, columns_of, labels_of = (
                tf.gather(values, rows) for values in (images, columns, labels)
            )
            found = _sample_columns(
                part, images_of, columns_of, labels_of, draws.fold(seed, number)
            )
            drawn.append([values[start - first :][: end - start] for values in found])
        back = tf.argsort(order)
        images, columns = (
            tf.gather(tf.concat(values, 0), back) for values in zip(*drawn, strict=True)
        )
        return images, columns


def compose(
    parts: Sequence[Method],
    combine: Literal["sequence", "choice"] = "sequence",
    shares: str = "",
) -> Composition:
    """Compose methods: one after the other, or each image from one of them.

    Args:
        parts: Methods, at least two, in their order.
        combine: `"sequence"` lets each method draw from what the one before has drawn; `"choice"`
            draws each image from one of them, where all of them draw images alone.
        shares: For `"choice"`, what share of each batch each draws, numbers separated by commas;
            equal ones if empty.

    Returns:
        A `Composition`; where all methods draw images alone a `VicinalComposition`, which is a
        vicinal distribution and so also serves in `dataset.map`.

    Raises:
        ValueError: If the methods cannot be composed; the message says why.

    Example:
        >>> from tf_varmixup.methods import Gaussian, Mixup
        >>> compose([Mixup(alpha=0.2), Gaussian()], combine="choice").combine
        'choice'
    """
    check_choice("combine", combine, COMBINE)
    others = [part for part in parts if not _draws_alone(part)]
    if not others:
        return VicinalComposition(parts, combine, shares)
    if combine == "choice" or shares:
        name = others[0].method or type(others[0]).__name__
        raise ValueError(
            "Expected methods that only draw an image for each label, such as vicinal "
            f"distributions, to choose from with combine 'choice'. Received: {name}, which does "
            "more."
        )
    return Composition(parts)


def _draws_alone(part: Method) -> bool:
    return part.keeps_rows and callable(getattr(part, "sample", None))


def _sample_columns(
    part: Any, images: tf.Tensor, columns: tf.Tensor, labels: tf.Tensor, seed: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    if isinstance(part, VicinalDistribution):
        return part.sample_columns(images, columns, labels, seed)
    return part.sample(images, columns, seed)


def _parse(shares: str, count: int) -> list[float]:
    """Return the shares that a text names, or equal ones."""
    if not shares:
        return [1.0 / count] * count
    try:
        found = [float(share) for share in shares.split(",")]
    except (AttributeError, ValueError):
        found = []
    positive = all(0.0 < share < 1.0 for share in found)
    if len(found) != count or not positive or abs(sum(found) - 1.0) > 1e-6:
        raise ValueError(
            f"Expected shares to be {count} positive numbers with sum 1, separated by commas. "
            f"Received: {shares!r}."
        )
    return found
