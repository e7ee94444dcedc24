"""The grid on a dataset: its cells, the forms of a dataset, published images."""

import copy
import pickle
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

GENERATOR = np.random.default_rng(0)
IMAGES = GENERATOR.integers(0, 256, (7, 16, 16, 3), np.uint8)
LABELS = GENERATOR.integers(0, 3, 7)


@pytest.mark.slow
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
    assert benchmark.corruptions == names
    assert benchmark.severities == (1, 2, 3, 4, 5)


def test_the_default_is_the_benchmark():
    assert CorruptionBenchmark((IMAGES, LABELS)).corruptions == BENCHMARK


@pytest.mark.parametrize(
    "dataset",
    [
        (tf.constant(IMAGES), LABELS.tolist()),
        types.SimpleNamespace(images=IMAGES, labels=LABELS),
        tf.data.Dataset.from_tensor_slices((IMAGES, LABELS)),
        tf.data.Dataset.from_tensor_slices((IMAGES, LABELS.astype(np.int32))).batch(3),
    ],
)
def test_forms_of_a_dataset(dataset):
    cell = CorruptionBenchmark(dataset, max_images=4).cell("contrast", 5)
    np.testing.assert_array_equal(cell.images(), corrupt(IMAGES[:4], "contrast", 5, 0))
    assert cell.labels.dtype == np.int64
    np.testing.assert_array_equal(cell.labels, LABELS[:4])


@pytest.mark.slow
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


def test_published_images_with_their_own_labels(tmp_path):
    stored = GENERATOR.integers(0, 256, (50, 16, 16, 3), np.uint8)
    labels = GENERATOR.integers(0, 3, 50)
    for name in BENCHMARK:
        np.save(tmp_path / f"{name}.npy", stored)
    np.save(tmp_path / "labels.npy", labels)
    benchmark = CorruptionBenchmark((IMAGES, LABELS), "fog", max_images=6, published=tmp_path)
    cell = benchmark.cell("fog", 3)
    assert cell.published
    assert benchmark.origin == {"source": "published"}
    np.testing.assert_array_equal(cell.images(), stored[20:26])
    np.testing.assert_array_equal(cell.labels, labels[20:26])
    with pytest.raises(FileNotFoundError, match=r"Received: no .*saturate"):
        CorruptionBenchmark((IMAGES, LABELS), "validation", published=tmp_path)
    with pytest.raises(ValueError, match=r"\(8, 8, 3\)\. Received: \(16, 16, 3\)"):
        CorruptionBenchmark((IMAGES[:, :8, :8], LABELS), published=tmp_path)


@pytest.mark.parametrize(
    ("size", "name"),
    [(8, "CIFAR-10-C"), (47, "CIFAR-10-C"), (49, "Tiny-ImageNet-C"), (200, "ImageNet-C")],
)
def test_the_origin_of_regenerated_images(size, name):
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
            r"Expected corruptions to be different values of gaussian_noise.*Received: \('rain',\)",
        ),
        ({"corruptions": []}, "Expected corruptions to be"),
        ({"corruptions": ["fog", "fog"]}, "Expected corruptions to be"),
        (
            {"severities": 0},
            r"Expected severities to be different values of 1, 2, 3, 4, 5\. Received: \(0,\)",
        ),
        ({"severities": [6, 1]}, "Expected severities to be"),
        ({"max_images": 0}, r"Expected max_images to be a positive integer\. Received: 0"),
        ({"max_images": 1.5}, "Expected max_images to be"),
        ({"severities": None}, r"Expected severities to be .* Received: None"),
        ({"seed": "1"}, "Expected seed to be an integer. Received: '1'"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(ValueError, match=message):
        CorruptionBenchmark((IMAGES, LABELS), **options)


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (IMAGES / 255.0, LABELS, r"type uint8\. Received: float64"),
        (IMAGES.astype(np.uint16), LABELS, r"type uint8\. Received: uint16"),
        (IMAGES[..., :2], LABELS, "C 1 or 3"),
        (IMAGES[:, :4], LABELS, "4 x 16"),
        (IMAGES[..., 0], LABELS, r"\(7, 16, 16\)\. Add the channel axis"),
        (IMAGES[:0], LABELS[:0], "at least one image"),
        (IMAGES, LABELS[:3], r"7 labels, one per image\. Received: shape \(3,\)"),
        (IMAGES, 3, r"Received: shape \(\)"),
        (IMAGES, np.full((7, 3), 1 / 3), r"one-hot\. Received: float64 \(7, 3\)"),
        (IMAGES, np.ones((7, 3), int), r"one-hot\. Received: int64 \(7, 3\)"),
        (IMAGES, LABELS.astype(float), r"class numbers, integers.*Received: float64 \(7,\)"),
        (IMAGES, LABELS - 3, "at least 0"),
        (IMAGES, np.array(["cat", "dog"])[LABELS % 2], "Received: array.*'cat'.*np.unique"),
        (IMAGES, np.array([b"cat", b"dog"])[LABELS % 2], "np.unique"),
    ],
)
def test_images_and_labels_of_another_kind_are_refused_in_one_line(images, labels, message):
    for dataset in ((images, labels), types.SimpleNamespace(images=images, labels=labels)):
        with pytest.raises(ValueError, match=message) as raised:
            CorruptionBenchmark(dataset)
        assert "\n" not in str(raised.value)


def pipeline(images=IMAGES, labels=LABELS):
    return tf.data.Dataset.from_tensor_slices((images, labels))


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        (pipeline().take(0), "at least one image"),
        (pipeline().repeat(), "infinite"),
        (pipeline().map(lambda x, y: {"image": x, "label": y}), "keys 'image', 'label'"),
        (pipeline().map(lambda x, y: x), "pairs"),
        (pipeline().map(lambda x, y: (x, y, 1.0)), "pairs"),
        (pipeline().map(lambda x, y: ({"image": x}, y)), "pairs"),
        (pipeline(IMAGES[..., 0]).batch(7), "Add the channel axis"),
        (pipeline(IMAGES[..., 0]), "Add the channel axis"),
        (pipeline(IMAGES / 255.0).batch(7), "uint8"),
        (pipeline(labels=LABELS.astype(str)), "np.unique"),
        (
            tf.data.Dataset.from_generator(
                lambda: ((np.zeros((8, 8 + n, 1), np.uint8), n) for n in range(2)),
                output_signature=(
                    tf.TensorSpec((None, None, 1), tf.uint8),
                    tf.TensorSpec((), tf.int64),
                ),
            ),
            r"one shape\. Received: \(8, 8, 1\) and \(8, 9, 1\)",
        ),
        (IMAGES, "Expected dataset to be a pair"),
        ({"images": IMAGES, "labels": LABELS}, "Expected dataset to be a pair"),
        ((IMAGES, LABELS, LABELS), "Expected dataset to be a pair"),
        (None, "Received: None"),
    ],
)
def test_datasets_of_another_form_are_refused_in_one_line(dataset, message):
    with pytest.raises(ValueError, match=message) as raised:
        CorruptionBenchmark(dataset)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "labels", [LABELS[:, None], np.eye(3)[LABELS], np.eye(3, dtype=bool)[LABELS], LABELS.tolist()]
)
def test_columns_and_one_hot_labels_become_class_numbers(labels):
    for dataset in ((IMAGES, labels), pipeline(labels=labels), pipeline(labels=labels).batch(3)):
        found = CorruptionBenchmark(dataset).labels
        assert found.dtype == np.int64
        np.testing.assert_array_equal(found, LABELS)


def test_the_first_images_of_an_infinite_pipeline():
    benchmark = CorruptionBenchmark(pipeline().repeat(), "fog", max_images=9)
    np.testing.assert_array_equal(benchmark.images, np.concatenate([IMAGES, IMAGES[:2]]))


def test_max_images_by_its_former_name():
    with pytest.warns(DeprecationWarning, match="max_images"):
        benchmark = CorruptionBenchmark((IMAGES, LABELS), max_pictures=4)
    assert benchmark.max_images == len(benchmark.images) == 4


@pytest.mark.slow
@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
@pytest.mark.parametrize("is_published", [False, True])
def test_copies_before_and_after_use_give_the_same_images(tmp_path, duplicate, is_published):
    for name in BENCHMARK:
        np.save(tmp_path / f"{name}.npy", np.tile(IMAGES, (5, 1, 1, 1)))
    np.save(tmp_path / "labels.npy", LABELS)
    published = tmp_path if is_published else None
    benchmark = CorruptionBenchmark((IMAGES, LABELS), "snow", 2, seed=3, published=published)
    early = duplicate(benchmark)
    expected = benchmark.cell("snow", 2).images()
    for one in (early, duplicate(benchmark)):
        assert one.origin == benchmark.origin
        np.testing.assert_array_equal(one.cell("snow", 2).images(), expected)
    for cell in (duplicate(benchmark.cell("snow", 2)), *duplicate(list(benchmark))):
        assert cell.published == is_published
        np.testing.assert_array_equal(cell.images(), expected)
        np.testing.assert_array_equal(cell.labels, LABELS)
