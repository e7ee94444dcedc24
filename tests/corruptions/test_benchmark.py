"""The grid on a data set: its cells, the forms of a data set, published pictures."""

import types

import keras
import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup.corruptions import (
    BENCHMARK,
    CORRUPTIONS,
    VALIDATION,
    CorruptionBenchmark,
    corrupt,
    frost_source,
)
from tf_varmixup.data import Split

GENERATOR = np.random.default_rng(0)
IMAGES = GENERATOR.integers(0, 256, (7, 16, 16, 3), np.uint8)
LABELS = GENERATOR.integers(0, 3, 7)


def test_cells_come_by_corruption_and_then_severity():
    benchmark = CorruptionBenchmark((IMAGES, LABELS), ["fog", "contrast"], [5, 1], seed=3)
    cells = list(benchmark)
    assert len(benchmark) == len(cells) == 4
    assert [(cell.corruption, cell.severity) for cell in cells] == [
        ("fog", 5),
        ("fog", 1),
        ("contrast", 5),
        ("contrast", 1),
    ]
    for cell in cells:
        expected = corrupt(IMAGES, cell.corruption, cell.severity, 3).numpy()
        np.testing.assert_array_equal(cell.images(), expected)
        np.testing.assert_array_equal(cell.labels, LABELS)
        batches = list(cell.batches(batch_size=3).as_numpy_iterator())
        assert [len(labels) for _, labels in batches] == [3, 3, 1]
        np.testing.assert_array_equal(np.concatenate([images for images, _ in batches]), expected)
        np.testing.assert_array_equal(np.concatenate([labels for _, labels in batches]), LABELS)


def test_nothing_is_computed_before_it_is_asked_for(monkeypatch):
    monkeypatch.setattr("tf_varmixup.corruptions.cell.corrupt", None)
    assert len(list(CorruptionBenchmark((IMAGES, LABELS), "all"))) == 95


@pytest.mark.parametrize(
    ("group", "names"),
    [("benchmark", BENCHMARK), ("validation", VALIDATION), ("all", CORRUPTIONS), ("fog", ("fog",))],
)
def test_groups(group, names):
    benchmark = CorruptionBenchmark((IMAGES, LABELS), group)
    assert benchmark.corruptions == names and benchmark.severities == (1, 2, 3, 4, 5)


def test_the_default_is_the_benchmark():
    assert CorruptionBenchmark((IMAGES, LABELS)).corruptions == BENCHMARK


@pytest.mark.parametrize(
    "dataset",
    [
        (tf.constant(IMAGES), LABELS.tolist()),
        Split(IMAGES, LABELS),
        tf.data.Dataset.from_tensor_slices((IMAGES, LABELS)),
        tf.data.Dataset.from_tensor_slices((IMAGES, LABELS.astype(np.int32))).batch(3),
    ],
)
def test_forms_of_a_data_set(dataset):
    cell = CorruptionBenchmark(dataset, max_pictures=4).cell("contrast", 5)
    np.testing.assert_array_equal(cell.images(), corrupt(IMAGES[:4], "contrast", 5, 0))
    assert cell.labels.dtype == np.int64
    np.testing.assert_array_equal(cell.labels, LABELS[:4])


def test_a_cell_is_what_keras_evaluates():
    model = keras.Sequential(
        [
            keras.Input((16, 16, 3), dtype="uint8"),
            keras.layers.Flatten(),
            keras.layers.Rescaling(1 / 255),
        ]
    )
    model.add(keras.layers.Dense(3))
    model.compile(
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"]
    )
    cell = CorruptionBenchmark((IMAGES, LABELS)).cell("snow", 2)
    accuracy = np.mean(model.predict(cell.images(), verbose=0).argmax(axis=1) == LABELS)
    assert model.evaluate(cell.batches(2), verbose=0, return_dict=True)[
        "accuracy"
    ] == pytest.approx(accuracy)
    model.compile(loss=keras.losses.CategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    assert model.evaluate(cell.batches(num_classes=3), verbose=0, return_dict=True)[
        "accuracy"
    ] == pytest.approx(accuracy)


def test_published_pictures_with_their_own_labels(tmp_path):
    stored = GENERATOR.integers(0, 256, (50, 16, 16, 3), np.uint8)
    labels = GENERATOR.integers(0, 3, 50)
    for name in BENCHMARK:
        np.save(tmp_path / f"{name}.npy", stored)
    np.save(tmp_path / "labels.npy", labels)
    benchmark = CorruptionBenchmark((IMAGES, LABELS), "fog", max_pictures=6, published=tmp_path)
    cell = benchmark.cell("fog", 3)
    assert cell.published and benchmark.origin == {"source": "published"}
    np.testing.assert_array_equal(cell.images(), stored[20:26])
    np.testing.assert_array_equal(cell.labels, labels[20:26])
    with pytest.raises(FileNotFoundError, match="no published.* saturate"):
        CorruptionBenchmark((IMAGES, LABELS), "validation", published=tmp_path)
    with pytest.raises(ValueError, match=r"\(16, 16, 3\), expected \(8, 8, 3\)"):
        CorruptionBenchmark((IMAGES[:, :8, :8], LABELS), published=tmp_path)


@pytest.mark.parametrize(
    ("size", "name"),
    [(8, "CIFAR-10-C"), (47, "CIFAR-10-C"), (49, "Tiny-ImageNet-C"), (200, "ImageNet-C")],
)
def test_the_origin_of_regenerated_pictures(size, name):
    images = np.zeros((1, size, size, 1), np.uint8)
    assert CorruptionBenchmark((images, [0]), "fog").origin == {
        "source": "regenerated",
        "constants": name,
    }
    assert CorruptionBenchmark((images, [0])).origin == {
        "source": "regenerated",
        "constants": name,
        "frost": frost_source(),
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"corruptions": "rain"},
            r"corruptions must be different values of gaussian_noise.*received \('rain',\)",
        ),
        ({"corruptions": []}, "corruptions must be"),
        ({"corruptions": ["fog", "fog"]}, "corruptions must be"),
        (
            {"severities": 0},
            r"severities must be different values of 1, 2, 3, 4, 5, received \(0,\)",
        ),
        ({"severities": [6, 1]}, "severities must be"),
        ({"max_pictures": 0}, "max_pictures must be None or a positive integer, received 0"),
        ({"max_pictures": 1.5}, "max_pictures must be"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(ValueError, match=message):
        CorruptionBenchmark((IMAGES, LABELS), **options)


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (IMAGES / 255.0, LABELS, "uint8, not float64"),
        (IMAGES[..., :2], LABELS, "1 or 3 channels, not 2"),
        (IMAGES[:, :4], LABELS, "4 x 16"),
        (IMAGES[0], LABELS, r"\(16, 16, 3\)"),
        (IMAGES[:0], LABELS[:0], "class number each"),
        (IMAGES, LABELS[:3], r"\(7, 16, 16, 3\) with int64 \(3,\)"),
        (IMAGES, np.eye(7), r"float64 \(7, 7\)"),
    ],
)
def test_bad_data_sets(images, labels, message):
    with pytest.raises(ValueError, match=message):
        CorruptionBenchmark(types.SimpleNamespace(images=images, labels=labels))


def test_an_empty_pipeline():
    with pytest.raises(ValueError, match="empty"):
        CorruptionBenchmark(tf.data.Dataset.from_tensor_slices((IMAGES, LABELS)).take(0))
