"""AugMix: its chains in distribution, its consistency term, and what it hands on."""

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from tests.harness.steps import train
from tf_varmixup import draws
from tf_varmixup.augmentations import OPERATION_SETS, augmix, chains
from tf_varmixup.methods import AugMix, Batch
from tf_varmixup.methods.consistency import jensen_shannon

SETTINGS = {
    "cifar_py": {},
    "numpy_reference": {},
    "cifar_py_all_ops": {"operations": "all"},
    "cifar_py_severity1": {"severity": 1.0},
    "cifar_py_width1_depth1": {"width": 1, "depth": 1},
    "cifar_py_width3_depth3": {"depth": 3},
}


@pytest.fixture(scope="module")
def reference(shared):
    with np.load(shared / "method_reference" / "augmix_chains.npz") as archive:
        return dict(archive)


@pytest.fixture(scope="module")
def clean(shared, reference):
    with np.load(shared / "corruption_reference" / "examples.npz") as archive:
        return archive["clean"][reference["clean_index_used"]]


@pytest.fixture(scope="module")
def losses(shared):
    with np.load(shared / "method_reference" / "losses.npz") as archive:
        return dict(archive)


def differences(images, seed=0, **settings):
    """Return the mean and the root mean square of each image's change, in units of [0, 1]."""
    change = (np.asarray(augmix(images, draws.run_seed(seed), **settings)) - images) / 255.0
    return np.abs(change).mean((1, 2, 3)), np.sqrt(np.square(change).mean((1, 2, 3)))


@pytest.mark.slow
@pytest.mark.parametrize("name", SETTINGS)
def test_chains_change_images_as_the_authors_do(name, reference, clean):
    images = clean[reference[f"{name}_index"]]
    for column, found in enumerate(differences(images, **SETTINGS[name])):
        expected = reference[f"{name}_stats"][:, column]
        # The authors' normalization leaves 1e-8 where nothing was changed.
        found, expected = np.round(found, 6), np.round(expected, 6)
        assert scipy.stats.ks_2samp(found, expected).pvalue > 0.002
        error = np.hypot(found.std(), expected.std()) / np.sqrt(len(found))
        assert abs(found.mean() - expected.mean()) < 3.0 * error


def test_a_chain_of_one_step_is_one_operation(reference, clean):
    """Whose mean change is known better than that of chains: from 2,000 of each operation."""
    images = np.tile(clean, (150, 1, 1, 1))
    known = [reference[f"op_{name}"][:, :2].mean(0) for name in OPERATION_SETS["nine"]]
    found = [one.mean() for one in differences(images, width=1, depth=1)]
    # The weight of the augmented part is 1/2 on average.
    np.testing.assert_allclose(found, 0.5 * np.mean(known, 0), rtol=0.03)


@pytest.fixture
def recorded(monkeypatch):
    """Operations that note in the image that they were applied, at which level and sign."""

    def noting(number):
        def note(images, level, sign):
            where = tf.one_hot(number, 12, dtype=tf.float64)
            where += level[:, None] * 60.0 * tf.one_hot(9, 12, dtype=tf.float64)
            where += tf.cast(sign[:, None] > 0.0, tf.float64) * tf.one_hot(10, 12, dtype=tf.float64)
            return images + tf.cast(where, tf.uint8)[:, None, :, None]

        return note

    operations = {str(number): noting(number) for number in range(9)}
    monkeypatch.setitem(OPERATION_SETS, "recorded", operations)

    def run(depth, count=9000, severity=3.0):
        images = tf.zeros((count, 1, 12, 1), tf.uint8)
        run = chains._chains((1, 12, 1), depth, severity, "recorded")
        return np.asarray(run(images, draws.run_seed(1)))[:, 0, :, 0].astype(int)

    yield run
    chains._chains.cache_clear()


def test_operations_levels_and_signs_are_drawn_for_each_image(recorded):
    found = recorded(depth=1)
    assert (found[:, :9].sum(1) == 1).all()
    assert scipy.stats.chisquare(found[:, :9].sum(0)).pvalue > 1e-3
    levels = (found[:, 9] + 0.5) / 60.0
    assert scipy.stats.kstest(levels, scipy.stats.uniform(0.1, 2.9).cdf).pvalue > 1e-3
    assert scipy.stats.binomtest(int(found[:, 10].sum()), len(found)).pvalue > 1e-3
    kinds = found[:, :9].argmax(1)
    # The draws of an image know nothing of each other, nor of the next image's.
    for one, other in ((kinds, levels), (levels, found[:, 10]), (levels[1:], levels[:-1])):
        assert abs(np.corrcoef(one, other)[0, 1]) < 4 / np.sqrt(len(found))


def test_chains_have_one_to_three_steps_of_their_own_draws(recorded):
    found = recorded(depth=0)
    steps = found[:, :9].sum(1)
    assert scipy.stats.chisquare(np.bincount(steps, minlength=4)[1:]).pvalue > 1e-3
    twice = (found[steps == 2, :9].max(1) == 2).mean()
    assert twice == pytest.approx(1 / 9, abs=0.025)
    assert (recorded(depth=5, count=50)[:, :9].sum(1) == 5).all()


@pytest.mark.parametrize(("width", "alpha"), [(3, 1.0), (1, 1.0), (4, 0.5)])
def test_shares_of_chains_have_the_dirichlet_distribution(width, alpha):
    shares = np.asarray(chains.dirichlet(20000, width, alpha, draws.run_seed(0)))
    assert shares.shape == (20000, width)
    assert shares.min() >= 0.0
    np.testing.assert_allclose(shares.sum(1), 1.0, rtol=1e-6)
    marginal = scipy.stats.beta(alpha, (width - 1) * alpha)
    for share in shares.T if width > 1 else ():
        assert scipy.stats.kstest(share, marginal.cdf).pvalue > 1e-3


def test_divergence_and_gradient_are_those_of_the_authors_code(losses):
    logits = tf.Variable(losses["jsd_logits"].reshape(-1, 10), dtype=tf.float32)
    with tf.GradientTape() as tape:
        divergence = jensen_shannon(logits)
        cross_entropy = tf.reduce_mean(
            tf.nn.sparse_softmax_cross_entropy_with_logits(losses["jsd_labels"], logits[:64])
        )
        loss = cross_entropy + AugMix().penalty(logits)
    assert float(divergence) == pytest.approx(float(losses["jsd_value"]), rel=1e-5)
    assert float(loss) == pytest.approx(float(losses["jsd_loss"]), rel=1e-5)
    gradient = np.reshape(tape.gradient(loss, logits), (3, 64, 10))
    np.testing.assert_allclose(gradient, losses["jsd_gradient"], atol=1e-5)


@pytest.mark.parametrize("jit_compile", [False, True])
def test_gradients_are_finite_where_the_softmax_is_zero(jit_compile):
    def differentiate(logits):
        with tf.GradientTape() as tape:
            tape.watch(logits)
            loss = jensen_shannon(logits)
        return loss, tape.gradient(loss, logits)

    logits = tf.constant([[500.0, 0.0, -500.0], [0.0, 400.0, -300.0], [0.0, 0.0, 0.0]])
    assert tf.reduce_min(tf.nn.softmax(logits)) == 0.0
    loss, gradient = tf.function(differentiate, jit_compile=jit_compile)(logits)
    assert 0.0 < float(loss) < 10.0
    assert np.isfinite(gradient).all()


def test_the_images_themselves_come_first(images, labels):
    weights = np.arange(7.0)
    method = AugMix()
    drawn = method.draw(None, Batch(images, labels, weights), draws.run_seed(0))
    assert drawn.inputs.shape == (21, 8, 8, 3)
    np.testing.assert_array_equal(drawn.inputs[:7], images)
    assert drawn.labels is labels
    assert drawn.weights is weights
    first, second = drawn.inputs[7:14], drawn.inputs[14:]
    for one, other in ((first, images), (second, images), (first, second)):
        assert (np.abs(one - other).mean((1, 2, 3)) > 0.0).sum() >= 6
    assert not method.keeps_rows


def test_class_numbers_are_labels_too(images):
    drawn = AugMix().draw(None, Batch(images, np.arange(7)), draws.run_seed(0))
    np.testing.assert_array_equal(drawn.labels, np.arange(7))


def test_without_consistency_it_is_one_view_and_no_penalty():
    train(AugMix(consistency=0.0), (8, 8, 3))
    method = AugMix(consistency=0.0)
    assert method.penalty(tf.zeros((3, 2))) is None
    assert method.keeps_rows


def test_without_consistency_it_serves_in_a_dataset(images, labels):
    method, batches = AugMix(consistency=0), tf.data.Dataset.from_tensors((images, labels))
    mapped = next(iter(method.map(batches, seed=5, first_step=2)))
    seed = draws.fold(draws.run_seed(5), 2, 0)
    drawn = method.draw(None, Batch(images, labels), seed)
    np.testing.assert_allclose(mapped[0], drawn.inputs, atol=1e-4)
    np.testing.assert_allclose(method.sample(images, labels, seed)[0], drawn.inputs, atol=1e-4)
    with pytest.raises(ValueError, match="Expected consistency to be 0 in a dataset"):
        AugMix().map(batches, seed=5)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"width": 0}, "width to be a positive integer. Received: 0"),
        ({"depth": -1}, "depth to be an integer of at least 0. Received: -1"),
        ({"severity": 11}, "severity to be 0.1 to 10. Received: 11"),
        ({"severity": 0.05}, "severity to be 0.1 to 10. Received: 0.05"),
        ({"alpha": 0}, "alpha to be a positive number. Received: 0"),
        ({"consistency": -1}, "consistency to be a number of at least 0. Received: -1"),
        ({"operations": "ten"}, "one of 'nine', 'all'. Received: 'ten'"),
    ],
    ids=str,
)
def test_bad_parameters_are_named(parameters, message):
    with pytest.raises(ValueError, match=message):
        AugMix(**parameters)


def test_images_of_unknown_size_are_refused():
    spec = tf.TensorSpec((None, None, None, 3), tf.uint8)
    with pytest.raises(ValueError, match="with known H, W and C"):
        tf.function(lambda images: augmix(images, draws.run_seed(0))).get_concrete_function(spec)
