"""Manifold Mixup: where it mixes, what it mixes, and the authors' loss."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from models import classifier_builder
from tf_varmixup import VicinalClassifier, draws
from tf_varmixup.methods import Batch, ManifoldMixup, SoftmaxBinaryCrossentropy
from tf_varmixup.methods.hidden_layers import check_layers, run_changed

CROSS_ENTROPY = keras.losses.CategoricalCrossentropy(from_logits=True)


def weights_of(method, seed, labels, images):
    """Return the number of the drawn stage, 0 for the input, and what is handed on."""
    drawn = method.draw(None, Batch(images, labels), draws.run_seed(seed))
    weights = np.asarray(drawn.inputs[1])
    stages = np.flatnonzero((weights != 1.0).any(1))
    assert len(stages) <= 1
    return stages[0] + 1 if len(stages) else 0, drawn


def network():
    """A functional model with a residual sum around the layer `middle`."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((8, 8, 3))
    first = keras.layers.Conv2D(4, 3, name="first")(inputs)
    middle = keras.layers.Conv2D(4, 3, padding="same", activation="tanh", name="middle")(first)
    x = keras.layers.Flatten()(first + middle)
    return keras.Model(inputs, keras.layers.Dense(7, name="last")(x))


def test_one_stage_of_the_set_is_drawn_for_each_step(images, labels):
    method = ManifoldMixup(alpha=1.0, stages="input, a, b")
    assert method.stages == "input,a,b"
    stages = []
    for seed in range(90):
        stage, drawn = weights_of(method, seed, labels, images)
        mixed, _, partners = drawn.inputs
        assert drawn.inputs[1].shape == (2, 7)
        moved = np.abs(mixed - images).max() > 0.01
        assert moved == (stage == 0 and list(partners) != list(range(7)))
        stages.append(stage)
    counts = np.bincount(stages, minlength=3)
    # 30 each, give or take four standard deviations of 4.5.
    assert np.abs(counts - 30).max() < 18, counts


@pytest.mark.parametrize(("lambda_per", "different"), [("batch", 1), ("image", 7)])
def test_labels_are_mixed_by_the_weights_of_the_stage(lambda_per, different, images, labels):
    method = ManifoldMixup(stages="a", lambda_per=lambda_per)
    _, drawn = weights_of(method, 0, labels, images)
    _, (weights,), partners = drawn.inputs
    assert len(np.unique(weights)) == different
    expected = np.asarray(weights)[:, None] * labels
    expected = expected + (1.0 - np.asarray(weights)[:, None]) * labels[np.asarray(partners)]
    np.testing.assert_allclose(drawn.labels, expected, atol=1e-6)


def test_sample_weights_are_mixed_as_labels_are(images, labels):
    given = np.arange(7, dtype="float32")
    drawn = ManifoldMixup(stages="a").draw(None, Batch(images, labels, given), draws.run_seed(0))
    _, (weights,), partners = (np.asarray(part) for part in drawn.inputs)
    shares = weights * given, (1.0 - weights) * given[partners]
    np.testing.assert_allclose(drawn.weights, sum(shares), rtol=1e-5)
    expected = shares[0][:, None] * labels + shares[1][:, None] * labels[partners]
    np.testing.assert_allclose(drawn.labels * drawn.weights[:, None], expected, atol=1e-5)


def test_a_layer_is_mixed_in_the_midst_of_the_network(images):
    model = network()
    weights, partners = np.linspace(0.0, 1.0, 7, dtype="float32"), np.roll(np.arange(7), 1)
    logits = ManifoldMixup(stages="middle").forward(
        model, (tf.cast(images, tf.float32), tf.constant([weights]), tf.constant(partners))
    )
    # By hand, with a way around the layer that is not mixed.
    first = model.get_layer("first")(tf.cast(images, tf.float32))
    middle = model.get_layer("middle")(first).numpy()
    share = weights[:, None, None, None]
    mixed = share * middle + (1.0 - share) * middle[partners]
    features = keras.layers.Flatten()(first + mixed)
    np.testing.assert_allclose(logits, model.get_layer("last")(features), atol=1e-3, rtol=1e-5)


def test_no_weight_changes_nothing_and_batch_normalization_sees_each_batch_once(images):
    model = classifier_builder("compact")((8, 8, 3), 7)
    other = keras.models.clone_model(model)
    other.set_weights(model.get_weights())
    inputs = tf.cast(images, tf.float32), tf.ones((2, 7)), tf.range(7)
    np.testing.assert_allclose(
        ManifoldMixup().forward(model, inputs), other(images, training=True), atol=1e-5
    )
    for mine, theirs in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-6)


@pytest.mark.parametrize("name", ["airbench", "compact", "resnet18", "resnet34", "wrn-10-1"])
def test_the_default_stages_are_layers_of_every_classifier(name, small_resnet):
    check_layers(classifier_builder(name)((8, 8, 3), 7), ["stage1", "stage2"])


def nested():
    inner = network()
    return keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Rescaling(1.0), inner]), inner


def test_layers_of_a_model_inside_a_sequential_model_are_named_by_both(images):
    outer, inner = nested()
    name = f"{inner.name}/middle"
    changed = run_changed(outer, images, {name: lambda features: 2.0 * features})
    assert np.abs(changed - outer(images)).max() > 1e-3
    np.testing.assert_allclose(
        changed,
        run_changed(inner, images, {"middle": lambda features: 2.0 * features}),
        atol=1e-3,
    )


def test_a_network_in_the_unit_range_is_mixed_as_well(images, labels):
    model = VicinalClassifier(network(), ManifoldMixup(stages="middle"), value_range=(0, 1))
    model.compile("sgd", CROSS_ENTROPY)
    before = model.backbone.get_weights()
    model.fit(images / 255.0, labels, verbose=0)
    assert np.ptp(before[0] - model.backbone.get_weights()[0]) > 0.0


@pytest.mark.parametrize(
    ("stages", "message"),
    [
        ("input,stage1", "first, middle, .*, last. Received: 'stage1'"),
        ("midle", "Received: 'midle'. Did you mean 'middle'"),
    ],
)
def test_a_layer_that_is_not_there_is_named_when_the_classifier_is_made(stages, message):
    with pytest.raises(ValueError, match=message):
        VicinalClassifier(network(), ManifoldMixup(stages=stages))


def test_what_has_no_layers_to_look_at_is_refused():
    class Opaque(keras.Model):
        def call(self, images):
            return images

    with pytest.raises(ValueError, match=r"functional or Sequential model.*Received: Opaque"):
        VicinalClassifier(Opaque(), ManifoldMixup())


def test_a_layer_that_runs_twice_is_refused(images):
    shared = keras.layers.Activation("tanh", name="shared")
    inputs = keras.Input((8, 8, 3))
    model = keras.Model(inputs, shared(2.0 * shared(inputs)))
    with pytest.raises(ValueError, match="runs once. Received: 'shared'".replace(".", "[.]")):
        run_changed(model, images, {"shared": lambda features: features})


@pytest.mark.parametrize("stages", ["", "input,,stage1", "stage1,stage1", 3])
def test_bad_stages_are_named(stages):
    with pytest.raises(ValueError, match=f"separated by commas.*Received: {stages!r}"):
        ManifoldMixup(stages=stages)


def test_the_authors_loss_is_theirs(shared):
    arrays = np.load(shared / "method_reference" / "losses.npz")
    weight, partner = float(arrays["mix_lambda"]), arrays["mix_partner"]
    targets = np.eye(10)[arrays["mix_labels"]]
    mixed = weight * targets + (1.0 - weight) * targets[partner]
    loss = SoftmaxBinaryCrossentropy()(mixed, arrays["mix_logits"])
    assert float(loss) == pytest.approx(float(arrays["manifold_bce_loss"]), rel=1e-6)


def test_the_authors_loss_by_hand_and_where_the_softmax_is_1():
    logits = tf.constant([[1.0, 0.0, -1.0], [200.0, 0.0, -200.0]])
    labels = np.array([[0.7, 0.3, 0.0], [0.5, 0.5, 0.0]])
    with tf.GradientTape() as tape:
        tape.watch(logits)
        losses = SoftmaxBinaryCrossentropy(reduction="none")(labels, logits)
    p = np.exp([1.0, 0.0, -1.0]) / np.exp([1.0, 0.0, -1.0]).sum()
    expected = -np.mean(labels[0] * np.log(p) + (1.0 - labels[0]) * np.log(1.0 - p))
    # log p_1 and log(1 - p_0) are -200, which counts as -100, each for half; all else vanishes.
    np.testing.assert_allclose(losses, [expected, 100.0 / 3.0], rtol=1e-5)
    # Of log p_1 = z_1 - z_0 and log(1 - p_0) = z_1 - z_0, -1/2 each, and of the mean over classes.
    gradient = tape.gradient(losses, logits)[1]
    np.testing.assert_allclose(gradient, np.array([1.0, -1.0, 0.0]) / 3.0, atol=1e-6)


def test_the_loss_that_was_asked_for_is_the_loss_that_is_trained_with(images, labels):
    model = VicinalClassifier(network(), ManifoldMixup(stages="middle", loss="binary"))
    model.compile("sgd", CROSS_ENTROPY)
    with pytest.raises(ValueError, match="the loss SoftmaxBinaryCrossentropy, which ManifoldMixup"):
        model.fit(images, labels, verbose=0)
    model.compile("sgd", model.method.required_loss)
    assert np.isfinite(model.fit(images, labels, verbose=0).history["loss"]).all()
