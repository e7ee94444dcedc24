import csv

import keras
import numpy as np
import pytest
import tensorflow as tf

from callbacks import CalibrationCallback, CorruptionRobustnessCallback
from tf_varmixup import VicinalClassifier
from tf_varmixup import corruptions as catalogue
from tf_varmixup.corruptions import apply, cell
from tf_varmixup.metrics import classification_summary

COUNT, NUM_CLASSES = 21, 3
AXES = {"corruptions": ["fog", "snow"], "severities": [1, 5]}


def make_data(dtype="uint8", top=255):
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, size=(COUNT, 8, 8, 1))
    images = images.astype(dtype) if top == 255 else (images / 255).astype(dtype)
    return images, generator.integers(NUM_CLASSES, size=COUNT)


def make_model(dtype="uint8", activation=None, top=255, **options):
    keras.utils.set_random_seed(0)
    layers = [
        keras.Input((8, 8, 1), dtype=dtype),
        keras.layers.Flatten(),
        keras.layers.Rescaling(1 / top),
        keras.layers.BatchNormalization(),
        keras.layers.Dropout(0.5),
        keras.layers.Dense(NUM_CLASSES, activation=activation),
    ]
    model = keras.Sequential(layers)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=activation is None)
    # What the callback makes of the model is a graph all the same.
    options = options if "jit_compile" in options else {"run_eagerly": True, **options}
    model.compile(keras.optimizers.SGD(0.05), loss, **options)
    return model


@pytest.fixture(autouse=True)
def adds_severity(monkeypatch):
    """Replace the corruptions by one that adds ten severities and the number of each image.

    Returns the seeds that it was called with."""
    seeds = []

    def corrupt(images, corruption, severity, seed, indices):
        assert images.dtype == tf.uint8
        seeds.append(seed)
        return (
            images
            + tf.cast(10 * severity, tf.uint8)
            + tf.cast(indices + tf.range(len(images)), tf.uint8)[:, None, None, None]
        )

    monkeypatch.setattr(cell, "corrupt", corrupt)
    return seeds


def expected_metrics(model, images, labels, from_logits=True, top=255):
    """The metrics at each severity, worked out with `predict` on images corrupted here."""
    summaries = {}
    levels = np.round(images * (255 / top)).astype("uint8")
    for severity in AXES["severities"]:
        numbers = np.arange(len(images), dtype="uint8")[:, None, None, None]
        corrupted = levels + np.uint8(10 * severity) + numbers
        corrupted = (corrupted if top == 255 else corrupted / 255).astype(images.dtype)
        outputs = model.predict(corrupted, verbose=0)
        summaries[severity] = classification_summary(
            outputs if from_logits else np.log(outputs), labels
        )
    return summaries


def assert_last_row(history, summaries):
    for name in ("accuracy", "ece"):
        expected = np.mean([summary[name] for summary in summaries.values()])
        assert history.history[f"corrupted_{name}"][-1] == pytest.approx(expected, abs=1e-5)
    assert history.history["corrupted_error"][-1] == pytest.approx(
        1 - history.history["corrupted_accuracy"][-1]
    )


@pytest.mark.parametrize(
    ("dtype", "top", "jit_compile"),
    [
        ("uint8", 255, False),
        ("float32", 255, False),
        ("float32", 1, True),
        ("float64", 1, False),
    ],
)
def test_the_model_gets_images_of_the_type_and_range_of_the_data(dtype, top, jit_compile):
    images, labels = make_data(dtype, top)
    model = make_model(dtype, top=top, jit_compile=jit_compile)
    callback = CorruptionRobustnessCallback(
        images, labels, **AXES, batch_size=8, value_range=(0, top)
    )
    seen = []
    logits = callback.logits
    callback.logits = lambda batch: seen.append(batch) or logits(batch)
    history = model.fit(images, labels, verbose=0, callbacks=[callback])
    assert_last_row(history, expected_metrics(model, images, labels, top=top))
    assert {batch.dtype.name for batch in seen} == {dtype}
    assert max(float(tf.reduce_max(batch)) for batch in seen) <= top


def test_images_of_0_and_1_alone_keep_their_shades_under_corruptions():
    images, labels = make_data()
    callback = CorruptionRobustnessCallback(
        (images > 127).astype("uint8"), labels, **AXES, value_range=(0, 1)
    )
    seen = []
    callback.logits = lambda batch: seen.append(batch) or tf.zeros((len(batch), NUM_CLASSES))
    callback.evaluate(0)
    shades = np.unique(np.concatenate([np.ravel(batch) for batch in seen]))
    assert len(shades) > 2
    assert 0.0 <= shades.min() <= shades.max() <= 1.0


def test_a_model_that_says_its_range_must_have_that_of_the_callback():
    images, labels = make_data()
    backbone = keras.Sequential([keras.Input(images.shape[1:]), keras.layers.Flatten()])
    backbone.add(keras.layers.Dense(NUM_CLASSES))
    model = VicinalClassifier(backbone, value_range=(0, 1))
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    for callback in (
        CorruptionRobustnessCallback(images, labels, **AXES),
        CalibrationCallback((images, labels)),
    ):
        with pytest.raises(ValueError, match=r"that of the model, \(0, 1\). Received: \(0, 255\)"):
            model.fit(images / 255.0, labels, verbose=0, callbacks=[callback])


def test_one_hot_labels_and_probabilities():
    images, labels = make_data()
    model = make_model(activation="softmax")
    callback = CorruptionRobustnessCallback(
        images, np.eye(NUM_CLASSES)[labels], **AXES, from_logits=False, prefix="c_"
    )
    history = model.fit(images, labels, verbose=0, callbacks=[callback])
    expected = expected_metrics(model, images, labels, from_logits=False)
    assert history.history["c_ece"][0] == pytest.approx(
        np.mean([summary["ece"] for summary in expected.values()]), abs=1e-5
    )


def test_max_images_takes_the_first():
    images, labels = make_data()
    model = make_model()
    callback = CorruptionRobustnessCallback(images, labels, **AXES, max_images=9)
    history = model.fit(images, labels, verbose=0, callbacks=[callback])
    assert_last_row(history, expected_metrics(model, images[:9], labels[:9]))


def test_under_mirrored_strategy():
    images, labels = make_data()
    # Not the default collectives: their keys collide between several strategies in one process
    strategy = tf.distribute.MirroredStrategy(
        ["CPU:0", "CPU:1"], cross_device_ops=tf.distribute.ReductionToOneDevice()
    )
    with strategy.scope():
        model = make_model()
        model.run_eagerly = False
    callback = CorruptionRobustnessCallback(images, labels, **AXES, batch_size=8)
    history = model.fit(images, labels, batch_size=8, epochs=2, verbose=0, callbacks=[callback])
    # Replicas keep batch statistics of their own; what counts is the model as it would be saved
    copy = make_model()
    copy.set_weights(model.get_weights())
    assert_last_row(history, expected_metrics(copy, images, labels))


def test_the_seed_is_passed_on(adds_severity):
    images, labels = make_data()
    make_model().fit(
        images,
        labels,
        verbose=0,
        callbacks=[CorruptionRobustnessCallback(images, labels, **AXES, seed=3)],
    )
    assert set(adds_severity) == {3}


def test_graphs_are_traced_in_the_first_evaluation_only(monkeypatch):
    monkeypatch.setattr(cell, "corrupt", catalogue.corrupt)  # the real one
    images, labels = make_data()
    callback = CorruptionRobustnessCallback(images, labels, **AXES, batch_size=8)
    model = make_model()
    model.fit(images, labels, epochs=3, verbose=0, callbacks=[callback])
    model.fit(images, labels, epochs=2, verbose=0, callbacks=[callback])
    for severity in AXES["severities"]:
        graph = apply._graph("fog", severity, *images.shape[1:], True)
        assert graph.experimental_get_tracing_count() == 1


def test_cells_are_appended_to_the_file(tmp_path):
    images, labels = make_data()
    path, model = tmp_path / "new" / "robustness.csv", make_model()
    model.fit(
        images,
        labels,
        epochs=3,
        verbose=0,
        callbacks=[CorruptionRobustnessCallback(images, labels, **AXES, every=2, csv_path=path)],
    )
    resumed = CorruptionRobustnessCallback(images, labels, **AXES, csv_path=str(path))
    model.fit(images, labels, epochs=4, initial_epoch=3, verbose=0, callbacks=[resumed])
    header = "epoch,corruption,severity,accuracy,error,ece,nll,brier"
    assert path.read_text().splitlines()[0] == header
    rows = list(csv.DictReader(path.open()))
    assert [int(row["epoch"]) for row in rows] == 4 * [0] + 4 * [2] + 4 * [3]
    assert [(row["corruption"], int(row["severity"])) for row in rows[:4]] == [
        ("fog", 1),
        ("fog", 5),
        ("snow", 1),
        ("snow", 5),
    ]
    for row in rows[-4:]:
        expected = expected_metrics(model, images, labels)[int(row["severity"])]
        assert [float(row[name]) for name in ("accuracy", "ece", "nll")] == pytest.approx(
            [expected[name] for name in ("accuracy", "ece", "nll")], abs=1e-5
        )


def test_a_file_of_the_version_before_goes_on_with_its_columns(tmp_path):
    path, (images, labels) = tmp_path / "robustness.csv", make_data()
    header = "epoch,corruption,severity,accuracy,error,ece,nll"
    path.write_text(header + "\n0,fog,1,0.5,0.5,0.1,0.7\n")
    callback = CorruptionRobustnessCallback(images, labels, **AXES, csv_path=path)
    make_model().fit(images, labels, verbose=0, callbacks=[callback])
    lines = path.read_text().splitlines()
    assert lines[0] == header
    assert len(lines) == 6
    assert {line.count(",") for line in lines} == {6}


def test_a_file_with_other_columns_is_left_alone(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text("epoch,loss\n0,1.5\n")
    with pytest.raises(
        ValueError,
        match=r"Expected .*history.csv to have the columns epoch, corr.* Received: epoch, loss",
    ):
        CorruptionRobustnessCallback(*make_data(), **AXES, csv_path=path)
    # Nor if it appears during training
    late = tmp_path / "late.csv"
    images, labels = make_data()
    callback = CorruptionRobustnessCallback(images, labels, **AXES, csv_path=late)
    late.write_text(path.read_text())
    with pytest.raises(ValueError, match="to have the columns"):
        make_model().fit(images, labels, verbose=0, callbacks=[callback])
    assert late.read_text() == path.read_text() == "epoch,loss\n0,1.5\n"


def test_later_callbacks_see_the_means(tmp_path):
    images, labels = make_data()
    callbacks = [
        CorruptionRobustnessCallback(images, labels, **AXES, every=2),
        keras.callbacks.CSVLogger(tmp_path / "history.csv"),
    ]
    history = make_model().fit(images, labels, epochs=4, verbose=0, callbacks=callbacks)
    rows = list(csv.DictReader((tmp_path / "history.csv").open()))
    errors = [row["corrupted_error"] for row in rows]
    assert errors[1] == "NA"
    del errors[1]
    assert [float(error) for error in errors] == history.history["corrupted_error"]


def test_the_names_in_the_logs():
    images, labels = make_data()
    history = make_model().fit(
        images, labels, verbose=0, callbacks=[CorruptionRobustnessCallback(images, labels, **AXES)]
    )
    names = {"corrupted_accuracy", "corrupted_error", "corrupted_ece"}
    assert set(history.history) == {"loss", *names}


def test_what_other_programs_write():
    images, labels = make_data()
    callback = CorruptionRobustnessCallback(images, labels, "validation", severities=[3], every=5)
    assert callback.benchmark.corruptions == catalogue.VALIDATION
    assert callback.benchmark.severities == (3,)
    with pytest.warns(DeprecationWarning, match="is called"):
        old = CorruptionRobustnessCallback(images=images, labels=labels, max_pictures=9)
    assert len(old.benchmark.labels) == 9


def test_the_default_is_the_benchmark():
    callback = CorruptionRobustnessCallback(*make_data())
    assert callback.benchmark.corruptions == catalogue.BENCHMARK
    assert callback.benchmark.severities == (1, 2, 3, 4, 5)


def test_a_real_corruption(monkeypatch):
    monkeypatch.undo()
    images = np.random.default_rng(0).integers(0, 256, size=(4, 32, 32, 3)).astype("uint8")
    inputs = keras.Input((32, 32, 3), dtype="uint8")
    outputs = keras.layers.Dense(2)(keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(inputs)))
    model = keras.Model(inputs, outputs)
    model.compile(
        keras.optimizers.SGD(0.0), keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )
    labels = np.array([0, 1, 0, 1])
    callback = CorruptionRobustnessCallback(
        images, labels, ["gaussian_noise"], [3], batch_size=3, seed=4
    )
    history = model.fit(images, labels, epochs=2, verbose=0, callbacks=[callback])
    logits = model.predict(catalogue.corrupt(images, "gaussian_noise", 3, 4), verbose=0)
    # the same draws in each epoch
    assert history.history["corrupted_ece"] == pytest.approx(
        [classification_summary(logits, labels)["ece"]] * 2, abs=1e-5
    )


@pytest.mark.parametrize(
    ("shape", "message"), [((4, 4, 4, 3), "at least 8 x 8"), ((4, 32, 32, 2), "C 1 or 3")]
)
def test_images_the_corruptions_refuse_are_refused_before_training(monkeypatch, shape, message):
    monkeypatch.undo()
    with pytest.raises(ValueError, match=message):
        CorruptionRobustnessCallback(np.zeros(shape, "uint8"), np.zeros(4))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"corruptions": ["rain"]}, "Expected corruptions to be"),
        ({"severities": [9]}, "Expected severities to be"),
        ({"max_images": 0}, "Expected max_images to be a positive integer"),
        ({"batch_size": 0}, "Expected batch_size to be a positive integer"),
        ({"every": 0}, "Expected every to be a positive integer"),
        ({"value_range": (0, 2)}, "Expected value_range to be one of"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(ValueError, match=message):
        CorruptionRobustnessCallback(*make_data(), **options)
