import numpy as np
import pytest
import tensorflow as tf

from tests.classifier.common import (
    CLASSES,
    IMAGES,
    LABELS,
    TwoViews,
    assert_same_weights,
    cross_entropy,
    fit,
    make,
    make_eager,
)
from tf_varmixup.methods import (
    Batch,
    Method,
    register,
)


def views_loss(model, images, labels, weight):
    """The loss of `TwoViews` by hand."""
    images = images.astype("float32")
    one, other = (np.asarray(model(view), "float64") for view in (images, 255.0 - images))
    return cross_entropy(one, labels).mean() + weight * ((one - other) ** 2).mean()


def test_a_penalty_is_added_and_only_the_first_rows_are_labeled():
    model = make_eager(TwoViews(weight=0.7))
    expected = views_loss(model, IMAGES, LABELS, 0.7)
    accuracy = (model(IMAGES).numpy().argmax(1) == CLASSES).mean()
    logs = model.train_on_batch(IMAGES, LABELS, return_dict=True)
    assert logs["loss"] == pytest.approx(expected, rel=1e-5)
    assert logs["accuracy"] == pytest.approx(accuracy)


def test_a_penalty_trains_under_xla():
    compiled = make(TwoViews(), compile_settings={"jit_compile": True})
    plain = make(TwoViews())
    np.testing.assert_allclose(fit(compiled)["loss"], fit(plain)["loss"], rtol=1e-4)
    assert_same_weights(compiled, plain, atol=1e-4)


@register("hidden_scale")
class HiddenScale(Method):
    """Runs the network on what it drew: images and a factor for the logits."""

    def draw(self, classifier, batch, seed):
        return Batch((tf.cast(batch.inputs, tf.float32), tf.constant(2.0)), batch.labels)

    def forward(self, backbone, inputs):
        images, factor = inputs
        return factor * backbone(images, training=True)


def test_a_method_may_draw_more_than_images_and_run_the_network_itself():
    model = make_eager(HiddenScale())
    expected = cross_entropy(2.0 * model(IMAGES).numpy(), LABELS).mean()
    assert model.train_on_batch(IMAGES, LABELS)[0] == pytest.approx(expected, rel=1e-5)
    assert np.isfinite(fit(make(HiddenScale()))["loss"]).all()
