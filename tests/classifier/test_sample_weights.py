import keras
import numpy as np
import pytest

from tests.classifier.common import (
    CLASSES,
    IMAGES,
    LABELS,
    LOSS,
    FixedMix,
    assert_same_weights,
    cross_entropy,
    fit,
    make_backbone,
    make_eager,
)
from tf_varmixup import draws
from tf_varmixup.classifier import VicinalClassifier
from tf_varmixup.methods import (
    EmpiricalRisk,
    Mixup,
)


def test_uniform_sample_weights_scale_the_loss():
    for distribution in (None, Mixup()):
        plain = make_eager(distribution).train_on_batch(IMAGES, LABELS)[0]
        for weights in (np.full(16, 3.0), np.full((16, 1), 3, "int64")):
            assert make_eager(distribution).train_on_batch(IMAGES, LABELS, weights)[
                0
            ] == pytest.approx(3 * plain, rel=1e-5)


def test_sample_weights_mix_with_the_labels_by_hand():
    model, weights = make_eager(FixedMix()), np.array([1.0, 0.5, 3.0, 0.0])
    mixed, _ = FixedMix().sample(IMAGES[:4], LABELS[:4], draws.run_seed(0))
    logits, share, partners = model(mixed), FixedMix.WEIGHTS, FixedMix.PARTNERS
    own = share * weights * cross_entropy(logits, LABELS[:4])
    others = (1 - share) * weights[partners] * cross_entropy(logits, LABELS[:4][partners])
    assert model.train_on_batch(IMAGES[:4], LABELS[:4], weights)[0] == pytest.approx(
        (own + others).mean(), rel=1e-5
    )


def test_weighted_accuracy_weighs_the_mixed_images():
    model, weights = (
        make_eager(FixedMix(), weighted_metrics=["accuracy"]),
        np.array([1.0, 0.5, 3.0, 0.0]),
    )
    mixed, _ = FixedMix().sample(IMAGES[:4], LABELS[:4], draws.run_seed(0))
    share, partners = FixedMix.WEIGHTS[:, None], FixedMix.PARTNERS
    soft = (
        share * weights[:, None] * LABELS[:4]
        + (1 - share) * (weights[:, None] * LABELS[:4])[partners]
    )
    correct = model(mixed).numpy().argmax(1) == soft.argmax(1)
    logs = model.train_on_batch(IMAGES[:4], LABELS[:4], weights, return_dict=True)
    assert logs["weighted_accuracy"] == pytest.approx(
        (correct * soft.sum(1)).sum() / soft.sum(), rel=1e-5
    )


@pytest.mark.parametrize("distribution", [EmpiricalRisk(), Mixup()])
def test_images_of_weight_zero_are_dropped(distribution):
    # Without its labels and weight an image shows only in what it is mixed with, and those
    # images have weight zero here, too.
    weights = np.zeros(8)
    weights[:4] = 1.0 if distribution.method == "erm" else 0.0
    other = LABELS[:8].copy()
    other[4:] = np.roll(other[4:], 1, axis=1)
    one, two = make_eager(distribution), make_eager(distribution)
    fit(one, IMAGES[:8], LABELS[:8], batch_size=8, sample_weight=weights)
    fit(two, IMAGES[:8], other, batch_size=8, sample_weight=weights)
    assert_same_weights(one, two, rtol=0, atol=0)
    moved = max(
        np.abs(new - old).max()
        for new, old in zip(one.backbone.get_weights(), make_backbone().get_weights(), strict=True)
    )
    assert np.isfinite(moved)
    assert (moved > 0) == (distribution.method == "erm")


def test_class_weights_are_sample_weights():
    one, two = make_eager(Mixup()), make_eager(Mixup())
    fit(one, class_weight={0: 1.0, 1: 0.0, 2: 2.5})
    fit(two, sample_weight=np.array([1.0, 0.0, 2.5])[CLASSES])
    assert_same_weights(one, two)


@pytest.mark.parametrize("distribution", [None, EmpiricalRisk(), Mixup()])
@pytest.mark.parametrize(
    ("loss", "labels"),
    [
        (keras.losses.BinaryCrossentropy(from_logits=True), LABELS + np.roll(LABELS, 1, axis=1)),
        (LOSS, 2.0 * LABELS),
        (keras.losses.MeanSquaredError(), np.linspace(-1, 1, 48, dtype="float32").reshape(16, 3)),
    ],
)
def test_weights_of_one_change_nothing_for_any_targets_and_any_loss(distribution, loss, labels):
    losses = []
    for weights in (None, np.ones(16)):
        model = VicinalClassifier(make_backbone(), distribution)
        model.compile("sgd", loss, run_eagerly=True)
        losses.append(model.train_on_batch(IMAGES, labels, weights))
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)
