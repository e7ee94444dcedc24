import types

import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup import corruptions as catalogue
from tf_varmixup.metrics import classification_summary
from tf_varmixup.robustness import GridCell, evaluate_grid


def make_split(count=7):
    generator = np.random.default_rng(0)
    return types.SimpleNamespace(
        images=generator.integers(0, 200, size=(count, 32, 32, 3)).astype("uint8"), labels=generator.integers(2, size=count)
    )


def predict(images):
    """Logits that identify the pictures: their means and the means of their squares."""
    pixels = tf.cast(tf.reshape(images, (len(images), -1)), tf.float32)
    return tf.stack([tf.reduce_mean(pixels, axis=1), tf.reduce_mean(pixels**2, axis=1)], axis=1)


@pytest.fixture
def adds_severity(monkeypatch):
    """A corruption that adds ten severities, the seed, and the number of each picture."""
    calls = []

    def corrupt(images, corruption, severity, seed, indices):
        calls.append((corruption, severity, seed))
        return images + tf.cast(10 * severity + seed, tf.uint8) + tf.cast(indices, tf.uint8)[:, None, None, None]

    monkeypatch.setattr(catalogue, "corrupt", corrupt)
    return calls


def test_every_cell_in_order(adds_severity):
    split, seen = make_split(), []
    cells = evaluate_grid(predict, split, ["fog", "snow"], [1, 4], seed=2, batch_size=3, on_cell=seen.append)
    assert [(cell.corruption, cell.severity) for cell in cells] == [("fog", 1), ("fog", 4), ("snow", 1), ("snow", 4)]
    assert all(one is other for one, other in zip(seen, cells, strict=True)) and len(seen) == 4
    for cell in cells:
        shifted = split.images + np.uint8(10 * cell.severity + 2) + np.arange(7, dtype="uint8")[:, None, None, None]
        np.testing.assert_allclose(cell.logits, predict(shifted), rtol=1e-6)
        np.testing.assert_array_equal(cell.labels, split.labels)
        assert cell.logits.dtype == np.float32 and not cell.published


def test_defaults_are_the_benchmark(adds_severity):
    cells = evaluate_grid(predict, make_split(1))
    assert [cell.corruption for cell in cells] == [name for name in catalogue.BENCHMARK for _ in range(5)]
    assert [cell.severity for cell in cells] == 15 * [1, 2, 3, 4, 5]


def test_max_pictures_takes_the_first(adds_severity):
    whole = evaluate_grid(predict, make_split(), ["fog"], [3])[0]
    part = evaluate_grid(predict, make_split(), ["fog"], [3], max_pictures=4)[0]
    np.testing.assert_array_equal(part.logits, whole.logits[:4])
    np.testing.assert_array_equal(part.labels, whole.labels[:4])
    assert len(evaluate_grid(predict, make_split(), ["fog"], [3], max_pictures=100)[0].labels) == 7


def test_the_classifier_is_traced_once_for_the_grid(adds_severity):
    compiled = tf.function(lambda images: predict(images), jit_compile=True)
    evaluate_grid(compiled, make_split(), ["fog", "snow"], [1, 2], batch_size=3)
    assert compiled.experimental_get_tracing_count() == 1


def test_summary_of_a_cell():
    logits, labels = np.array([[2.0, 0.0], [0.0, 1.0]], "float32"), np.array([0, 0])
    assert GridCell("fog", 1, logits, labels).summary() == classification_summary(logits, labels)
    assert GridCell("fog", 1, logits, labels).summary(2.0) == classification_summary(logits, labels, 2.0)


def test_published_pictures_are_read_with_their_labels(tmp_path):
    generator = np.random.default_rng(3)
    stored, labels = generator.integers(0, 256, size=(5 * 10000, 2, 2, 3)).astype("uint8"), generator.integers(10, size=50000)
    np.save(tmp_path / "fog.npy", stored)
    np.save(tmp_path / "labels.npy", labels)
    split = types.SimpleNamespace(images=np.zeros((9, 2, 2, 3), "uint8"), labels=np.zeros(9, int))
    cell = evaluate_grid(predict, split, ["fog"], [3], max_pictures=6, published=tmp_path)[0]
    assert cell.published
    np.testing.assert_allclose(cell.logits, predict(stored[20000:20006]), rtol=1e-6)
    np.testing.assert_array_equal(cell.labels, labels[20000:20006])
    with pytest.raises(ValueError, match="published pictures are \\(2, 2, 3\\), those of the split \\(32, 32, 3\\)"):
        evaluate_grid(predict, make_split(), ["fog"], [3], published=tmp_path)


@pytest.mark.parametrize("corruption", ["gaussian_noise", "brightness"])
def test_real_corruptions_do_not_depend_on_the_batch_size(corruption):
    split = make_split()
    cells = [evaluate_grid(predict, split, [corruption], [2], seed=5, batch_size=size)[0] for size in (2, 7)]
    np.testing.assert_allclose(cells[0].logits, cells[1].logits, rtol=1e-5)
    np.testing.assert_allclose(cells[0].logits, predict(catalogue.corrupt(split.images, corruption, 2, 5)), rtol=1e-5)
    assert not np.allclose(cells[0].logits, predict(split.images), rtol=1e-3)


def test_the_seed_matters():
    first, second = (evaluate_grid(predict, make_split(), ["gaussian_noise"], [2], seed=seed)[0].logits for seed in (0, 1))
    assert not np.array_equal(first, second)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"corruptions": ["rain"]}, "corruptions must be different values of .*received \\('rain',\\)"),
        ({"corruptions": []}, "corruptions must be"),
        ({"corruptions": ["fog", "fog"]}, "corruptions must be"),
        ({"severities": [0]}, "severities must be different values of 1, 2, 3, 4, 5, received \\(0,\\)"),
        ({"severities": [6, 1]}, "severities must be"),
        ({"severities": []}, "severities must be"),
        ({"max_pictures": 0}, "max_pictures must be None or a positive integer"),
        ({"max_pictures": 1.5}, "max_pictures must be"),
        ({"batch_size": 0}, "batch_size must be"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(ValueError, match=message):
        evaluate_grid(predict, make_split(), **options)


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        (np.zeros((3, 4, 4, 3)), np.zeros(3, int)),
        (np.zeros((0, 4, 4, 3), "uint8"), np.zeros(0, int)),
        (np.zeros((3, 4, 4, 3), "uint8"), [1]),
    ],
)
def test_bad_split(images, labels):
    with pytest.raises(ValueError, match="expected a split of uint8 pictures"):
        evaluate_grid(predict, types.SimpleNamespace(images=images, labels=labels))
