"""Compositions: methods one after the other, or each image from one of several."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from models import VariationalAutoencoder, compact
from tf_varmixup import VicinalClassifier, VicinalDistribution, draws, methods
from tf_varmixup.methods import (
    AugMix,
    Batch,
    Composition,
    Gaussian,
    ManifoldMixup,
    Method,
    Mixup,
    register,
)
from tf_varmixup.methods.composition import find_part
from tf_varmixup.run.presets import RECOMMENDED, with_recommended

CROSS_ENTROPY = keras.losses.CategoricalCrossentropy(from_logits=True)


@register("threefold")
class Threefold(Method):
    """The images three times, and a price for answers that differ."""

    def draw(self, classifier, batch, seed):
        images = tf.cast(batch.inputs, tf.float32)
        return Batch(tf.concat([images, images, 255.0 - images], 0), batch.labels, batch.weights)

    def penalty(self, logits):
        first, _, third = tf.split(logits, 3)
        return tf.reduce_mean((first - third) ** 2)


@register("entropy")
class Entropy(Method):
    """A price alone."""

    def penalty(self, logits):
        return tf.reduce_mean(logits**2)


class Filled(VicinalDistribution):
    """Images that say who drew them and, in the labels, what they were."""

    def __init__(self, level, **kwargs):
        super().__init__(**kwargs)
        self.level = level

    def sample(self, images, labels, seed):
        return 0.0 * tf.cast(images, tf.float32) + self.level, labels


def test_each_draws_from_what_the_one_before_has_drawn(images, labels):
    mixup, gaussian = Mixup(alpha=0.5), Gaussian(noise=0.2)
    composed, seed = methods.compose([mixup, gaussian]), draws.run_seed(4)
    batch = mixup.draw(None, Batch(images, labels), draws.fold(seed, 0))
    batch = gaussian.draw(None, batch, draws.fold(seed, 1))
    for found in (
        composed.draw(None, Batch(images, labels), seed),
        composed.sample(images, labels, seed),
    ):
        np.testing.assert_array_equal(found[0], batch.inputs)
        np.testing.assert_array_equal(found[1], batch.labels)


def test_the_seeds_of_the_parts_differ(images, labels):
    seeds = []

    class Watching(VicinalDistribution):
        def sample(self, images, labels, seed):
            seeds.append(seed.numpy().tolist())
            return tf.cast(images, tf.float32), labels

    for combine in ("sequence", "choice"):
        composed = methods.compose([Watching(), Watching(), Watching()], combine)
        composed.sample(images, labels, draws.run_seed(0))
    assert len(seeds) == 6
    assert len({tuple(seed) for seed in seeds}) == 3


def test_sample_weights_go_through_all_parts(images, labels):
    weights = np.arange(7, dtype="float32")
    for combine in ("sequence", "choice"):
        composed = methods.compose([Mixup(), Mixup()], combine)
        drawn = composed.draw(None, Batch(images, labels, weights), draws.run_seed(0))
        # Each image is a class: what it weighs in all is what it weighed.
        mixed = composed.sample(images, labels * weights[:, None], draws.run_seed(0))[1].numpy()
        np.testing.assert_allclose(drawn.weights, mixed.sum(1), rtol=1e-5)
        np.testing.assert_allclose(drawn.labels * drawn.weights[:, None], mixed, atol=1e-5)


def test_each_image_is_drawn_by_one_with_the_shares_that_were_given():
    count, shares = 40, (0.5, 0.2, 0.3)
    images, labels = np.full((count, 4, 4, 1), 9, "uint8"), np.eye(count, dtype="float32")
    composed = methods.compose([Filled(10), Filled(20), Filled(30)], "choice", "0.5,0.2,0.3")
    times = np.zeros((3, count))
    for seed in range(60):
        drawn, kept = composed.sample(images, labels, draws.run_seed(seed))
        np.testing.assert_array_equal(kept, labels)  # in the order of the batch
        for number, level in enumerate((10, 20, 30)):
            mine = np.asarray(drawn)[:, 0, 0, 0] == level
            assert mine.sum() == count * shares[number]
            times[number] += mine
    # Any image may go to any part: within 4.5 standard deviations, the largest of which is 3.9.
    assert np.abs(times - 60 * np.array(shares)[:, None]).max() < 17.5


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_parts_of_few_images_may_be_empty(count):
    images, labels = np.full((count, 4, 4, 1), 9, "uint8"), np.eye(7, dtype="float32")[:count]
    composed = methods.compose([Filled(10), Filled(20), Mixup(), Filled(30)], "choice")
    drawn, kept = composed.sample(images, labels, draws.run_seed(0))
    assert drawn.shape == images.shape
    assert kept.shape == labels.shape


def test_a_part_mixes_its_images_among_themselves(images, labels):
    composed = methods.compose([Filled(0), Mixup()], "choice", "0.4,0.6")
    drawn, mixed = composed.sample(images, labels, draws.run_seed(1))
    kept = np.asarray(drawn).max((1, 2, 3)) == 0.0
    assert kept.sum() == 3
    np.testing.assert_array_equal(np.asarray(mixed)[kept], labels[kept])
    assert np.asarray(mixed)[~kept][:, kept].max() == 0.0


def test_a_consistency_term_is_the_compositions(images, labels):
    composed = methods.compose([Mixup(), Threefold()])
    assert type(composed) is Composition
    model = VicinalClassifier(compact((8, 8, 3), 7, width=4), composed)
    drawn = composed.draw(model, Batch(images, labels), draws.run_seed(0))
    assert (drawn.inputs.shape[0], drawn.labels.shape[0]) == (21, 7)
    logits = tf.random.stateless_normal((21, 7), [0, 0])
    np.testing.assert_array_equal(composed.penalty(logits), Threefold().penalty(logits))
    model.compile("sgd", CROSS_ENTROPY)
    assert np.isfinite(model.fit(images, labels, verbose=0).history["loss"]).all()
    assert methods.compose([Entropy(), Mixup()]).penalty(logits) is not None
    assert methods.compose([Mixup(), Gaussian()]).penalty(logits) is None


def test_augmix_without_its_consistency_term_draws_images_alone(images, labels):
    for combine in ("sequence", "choice"):
        composed = methods.create("mixup+augmix", consistency=0.0, combine=combine)
        assert isinstance(composed, VicinalDistribution)
        assert composed.keeps_rows
        batches = tf.data.Dataset.from_tensors((images, labels))
        mapped = next(iter(composed.map(batches, seed=0)))
        seed = draws.fold(draws.run_seed(0), 0, 0)
        drawn = composed.draw(None, Batch(images, labels), seed)
        for one, other in zip(mapped, drawn[:2], strict=True):
            np.testing.assert_allclose(one, other, atol=1e-2)
    with pytest.raises(ValueError, match="Expected augmix as the last method"):
        methods.create("augmix+mixup")


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: methods.compose([Mixup()]), "at least two methods to compose. Received: mixup"),
        (lambda: methods.compose([]), "at least two methods to compose. Received: none"),
        (
            lambda: methods.compose([Threefold(), Mixup()]),
            "Expected threefold as the last method .* one image for each label. Received: "
            "threefold.mixup",
        ),
        (lambda: methods.create("regmixup+mixup"), "Expected regmixup as the last method"),
        (lambda: methods.create("manifold_mixup+mixup"), "Expected manifold_mixup as the last"),
        (
            lambda: methods.compose([Entropy(), Threefold()]),
            "at most one method with a penalty.*of which entropy and threefold are",
        ),
        (
            lambda: methods.compose([Mixup(), Threefold()], combine="choice"),
            "only draw an image for each label.*Received: threefold, which does more",
        ),
        (
            lambda: methods.create("mixup+gaussian", combine="both"),
            "combine to be one of 'sequence', 'choice'. Received: 'both'",
        ),
        (
            lambda: methods.create("mixup+gaussian", shares="0.5,0.5"),
            "shares to be given only where combine is 'choice'",
        ),
        (lambda: methods.create("mixup+mixup"), "different methods.*mixup more than once"),
        (lambda: methods.create("mixup+"), "Expected a method, one of .*Received: ''"),
        (lambda: methods.create("mixup+gausian"), "Did you mean 'gaussian'"),
        (
            lambda: methods.create("mixup+gaussian", clean_share=0.5),
            "'clean_share'. There is mixup_clean_share and gaussian_clean_share",
        ),
        (lambda: methods.create("mixup+gaussian", alfa=0.5), "Did you mean 'alpha'"),
        (
            lambda: methods.create("mixup+gaussian", autoencoder=None),
            "parameter of mixup.gaussian: .*Received: 'autoencoder'",
        ),
        (lambda: methods.create("mixup+gaussian", alpha=0), "alpha to be a positive number"),
    ],
)
def test_what_cannot_be_composed_is_refused_with_the_reason(build, message):
    with pytest.raises(ValueError, match=message):
        build()


@pytest.mark.parametrize(
    "shares", ["1", "0.5,0.6", "0,1", "-0.5,1.5", "a,b", "0.5,0.25,0.25", "nan,1"]
)
def test_bad_shares_are_named(shares):
    with pytest.raises(ValueError, match=f"2 positive numbers with sum 1.*Received: '{shares}'"):
        methods.create("mixup+gaussian", combine="choice", shares=shares)


def test_names_of_parameters_tell_the_methods_apart(autoencoder):
    composed = methods.create(
        "varmixup+gaussian",
        autoencoder=autoencoder,
        alpha=0.3,
        varmixup_noise=0.05,
        gaussian_noise=0.2,
        gaussian_clean_share=0.5,
        combine="choice",
        shares="0.25, 0.75",
    )
    varmixup, gaussian = composed.parts
    assert (varmixup.alpha, varmixup.noise, varmixup.clean_share) == (0.3, 0.05, 0.0)
    assert (gaussian.noise, gaussian.clean_share) == (0.2, 0.5)
    assert (composed.combine, composed.shares) == ("choice", "0.25,0.75")
    assert repr(composed).startswith("VicinalComposition(parts=(VarMixup(autoencoder=Var")
    assert find_part(composed, Gaussian) is gaussian
    assert find_part(composed, Mixup) is None


def test_a_signature_says_whose_parameters_there_are():
    signature = methods.method_signature("varmixup+regmixup")
    names = [one.name for one in signature.parameters]
    assert {"combine", "shares", "varmixup_alpha", "regmixup_alpha", "residual"} <= set(names)
    assert "alpha" not in names
    assert len(set(names)) == len(names)
    assert signature.needs_autoencoder
    assert not methods.method_signature("mixup+gaussian").needs_autoencoder
    assert methods.method_class("mixup+gaussian") is Composition


def test_what_is_recommended_for_a_method_is_recommended_inside_a_composition():
    signature = methods.method_signature("varmixup+gaussian")
    defaults = {one.name: one.default for one in signature.parameters}
    alone = methods.method_signature("varmixup").parameters
    expected = with_recommended("varmixup", {one.name: one.default for one in alone}, {})
    values = with_recommended("varmixup+gaussian", defaults, {"gaussian_noise": 0.3})
    assert values["varmixup_clean_share"] == RECOMMENDED["varmixup"]["clean_share"]
    assert values["residual"] == expected["residual"] == 1.0
    assert (values["gaussian_noise"], values["gaussian_clean_share"]) == (0.3, 0.75)
    assert values.keys() == defaults.keys()
    # What has no effect beside what is given has its default, as for the method alone.
    values = with_recommended("varmixup+gaussian", defaults, {"varmixup_noise": 0.0, "residual": 0})
    assert (values["varmixup_noise_draw"], values["residual_draw"]) == ("fixed", "fixed")


def test_a_shared_autoencoder_is_saved_once_and_shared_again(autoencoder, tmp_path, images, labels):
    composed = methods.create("varmixup+reconstruction", autoencoder=autoencoder)
    model = VicinalClassifier(compact((8, 8, 3), 7, width=4), composed)
    model.compile("sgd", CROSS_ENTROPY)
    model.fit(images, labels, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    first, second = loaded.method.parts
    assert first.autoencoder is second.autoencoder
    assert not first.autoencoder.trainable
    seed = draws.run_seed(0)
    for mine, theirs in zip(
        loaded.method.sample(images, labels, seed),
        composed.sample(images, labels, seed),
        strict=True,
    ):
        np.testing.assert_allclose(mine, theirs, atol=2.5e-3)


def test_two_autoencoders_are_refused(autoencoder):
    other = keras.models.clone_model(autoencoder)
    with pytest.raises(
        ValueError, match=r"share one autoencoder. Received: varmixup.reconstruction"
    ):
        methods.compose(
            [
                methods.create("varmixup", autoencoder=autoencoder),
                methods.create("reconstruction", autoencoder=other),
            ]
        )


def test_a_choice_smooths_labels_over_all_classes():
    chosen = methods.create("gaussian+label_smoothing", combine="choice", smoothing=0.3)
    images, labels = np.zeros((64, 8, 8, 1), "uint8"), np.eye(3, dtype="float32")[np.arange(64) % 3]
    for weights in (None, np.ones(64, "float32")):
        drawn = chosen.draw(None, methods.Batch(images, labels, weights), draws.run_seed(3)).labels
        smoothed = np.asarray(drawn)[np.max(drawn, 1) < 1.0]
        assert len(smoothed) == 32
        np.testing.assert_allclose(np.sort(smoothed, 1), [[0.1, 0.1, 0.8]] * 32, rtol=1e-5)


def test_a_sequence_stays_one_within_a_choice():
    inner = methods.compose([methods.Mixup(alpha=20.0), methods.LabelSmoothing(0.3)])
    outer = methods.compose([inner, methods.Gaussian()], combine="choice", shares="0.5,0.5")
    images, labels = np.zeros((64, 8, 8, 1), "uint8"), np.eye(3, dtype="float32")[np.arange(64) % 3]
    drawn = np.asarray(outer.sample(images, labels, draws.run_seed(0))[1])
    # Mixed and smoothed, or neither.
    assert np.sum(np.min(drawn, 1) > 0.099) == 32
    assert np.sum(np.max(drawn, 1) == 1.0) == 32


def test_a_composition_within_another_is_saved_with_the_autoencoder_that_all_share(tmp_path):
    autoencoder, other = (VariationalAutoencoder((8, 8, 1), width=4, blocks=1) for _ in range(2))
    inner = methods.compose(
        [methods.create("varmixup", autoencoder=autoencoder), methods.Gaussian()]
    )
    outer = methods.compose([inner, methods.LabelSmoothing(0.1)], combine="choice")
    assert outer.autoencoder is autoencoder
    layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(3)]
    VicinalClassifier(keras.Sequential(layers), outer).save(tmp_path / "classifier.keras")
    loaded = keras.saving.load_model(tmp_path / "classifier.keras").method
    assert loaded.parts[0].parts[0].autoencoder is loaded.autoencoder
    images, labels = (
        np.full((8, 8, 8, 1), 90, "uint8"),
        np.eye(3, dtype="float32")[[0, 1, 2, 0] * 2],
    )
    drawn = [one.sample(images, labels, draws.run_seed(1))[0] for one in (outer, loaded)]
    np.testing.assert_allclose(*drawn, atol=1e-4)
    with pytest.raises(ValueError, match="to share one autoencoder"):
        methods.compose([inner, methods.create("reconstruction", autoencoder=other)])


def test_augmix_without_consistency_comes_beside_a_method_with_a_way_of_its_own():
    composed = methods.compose([AugMix(consistency=0.0), ManifoldMixup()])
    assert not composed.only_draws
    assert methods.compose([AugMix(consistency=0.0), Mixup()]).only_draws
