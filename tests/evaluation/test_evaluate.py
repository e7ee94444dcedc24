"""One call that measures a classifier, and what it returns."""

import functools

import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup.calibration import VectorScaling, fit_temperature, fit_vector_scaling
from tf_varmixup.corruptions import CorruptionBenchmark
from tf_varmixup.data import Split
from tf_varmixup.evaluation import (
    Evaluation,
    GridCell,
    evaluate,
    evaluate_grid,
    evaluation,
    mean_summary,
)
from tf_varmixup.metrics import classification_summary

GENERATOR = np.random.default_rng(0)


def split(count):
    images = GENERATOR.integers(0, 256, (count, 8, 8, 3)).astype("uint8")
    return Split(images, GENERATOR.integers(3, size=count))


TEST, VALIDATION = split(9), split(12)


def predict(images, indices):
    return tf.reduce_mean(tf.cast(images, tf.float32), (1, 2)) / 10.0


def benchmark(corruptions=("contrast", "brightness")):
    return CorruptionBenchmark(TEST, corruptions, (1, 5), max_images=6, seed=3)


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch):
    """Fewer resamples for the intervals, which have tests of their own."""
    for name in ("classification_intervals", "mean_intervals"):
        few = functools.partial(getattr(evaluation, name), resamples=20)
        monkeypatch.setattr(evaluation, name, few)


def same(section):
    """What equals intervals that are NaN in the same places."""
    return {name: pytest.approx(bounds, nan_ok=True) for name, bounds in section.items()}


def test_everything_is_measured():
    seen = []
    found = evaluate(predict, TEST, VALIDATION, benchmark(), batch_size=4, on_cell=seen.append)
    np.testing.assert_allclose(found.logits, predict(TEST.images, None), rtol=1e-6)
    np.testing.assert_array_equal(found.labels, TEST.labels)
    assert found.temperature == pytest.approx(
        fit_temperature(predict(VALIDATION.images, None).numpy(), VALIDATION.labels)
    )
    expected = evaluate_grid(predict, benchmark(), 4)
    assert seen == found.cells
    for cell, other in zip(found.cells, expected, strict=True):
        assert (cell.corruption, cell.severity) == (other.corruption, other.severity)
        np.testing.assert_array_equal(cell.logits, other.logits)
    metrics = found.metrics()
    intervals = metrics.pop("intervals")
    temperature, scaling = found.temperature, found.vector_scaling
    assert scaling == fit_vector_scaling(
        predict(VALIDATION.images, None).numpy(), VALIDATION.labels
    )
    scaled = [
        GridCell(cell.corruption, cell.severity, scaling(cell.logits), cell.labels)
        for cell in expected
    ]
    assert metrics == {
        "clean": classification_summary(found.logits, TEST.labels),
        "corrupted": mean_summary(expected),
        "clean_after_temperature": classification_summary(found.logits, TEST.labels, temperature),
        "corrupted_after_temperature": mean_summary(expected, temperature),
        "clean_after_vector_scaling": classification_summary(scaling(found.logits), TEST.labels),
        "corrupted_after_vector_scaling": mean_summary(scaled),
        "temperature": temperature,
        "vector_scaling": {"scale": list(scaling.scale), "bias": list(scaling.bias)},
        "corruptions": {**benchmark().origin, "pictures": 6},
    }
    assert [row["severity"] for row in found.rows()] == [1, 5, 1, 5]
    sections = {name: of for name, of in metrics.items() if name.startswith(("clean", "corrupted"))}
    assert list(intervals) == list(sections)
    for name, section in sections.items():
        assert list(intervals[name]) == list(section)
    of_cells = evaluation.mean_intervals
    assert intervals["clean"] == same(
        evaluation.classification_intervals(found.logits, TEST.labels)
    )
    assert intervals["corrupted"] == same(of_cells(expected))
    assert intervals["corrupted_after_temperature"] == same(of_cells(expected, temperature))
    assert intervals["corrupted_after_vector_scaling"] == same(of_cells(scaled))


def test_without_validation_images_there_is_no_temperature():
    metrics = evaluate(predict, TEST, benchmark=benchmark()).metrics()
    assert set(metrics) == {"clean", "corrupted", "corruptions", "intervals"}


def test_without_a_benchmark_there_are_no_cells():
    found = evaluate(predict, TEST, VALIDATION)
    assert set(found.metrics()) == {
        "clean",
        "clean_after_temperature",
        "clean_after_vector_scaling",
        "temperature",
        "vector_scaling",
        "intervals",
    }
    assert found.rows() == []


def test_corruptions_that_the_benchmark_holds_out_do_not_count_in_its_mean():
    found = evaluate(predict, TEST, benchmark=benchmark(("contrast", "gaussian_blur")))
    counted = [cell for cell in found.cells if cell.corruption == "contrast"]
    assert found.metrics()["corrupted"] == mean_summary(counted)
    assert len(found.rows()) == 4
    alone = evaluate(predict, TEST, benchmark=benchmark(["gaussian_blur"])).metrics()
    assert set(alone) == {"clean", "corruptions", "intervals"}


def test_a_call_that_was_interrupted_goes_on(tmp_path):
    expected = evaluate(predict, TEST, benchmark=benchmark())

    def stop(cell):
        if cell.corruption == "brightness":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate(predict, TEST, benchmark=benchmark(), store=tmp_path / "a" / "b", on_cell=stop)
    calls = []

    def counting(images, indices):
        calls.append(len(images))
        return predict(images, indices)

    found = evaluate(counting, TEST, benchmark=benchmark(), store=tmp_path / "a" / "b")
    # The clean images, those that tell the classifier, and the two cells that were left.
    assert calls == [9, 6, 6, 6]
    assert found.metrics() == expected.metrics()


def test_every_image_comes_with_its_number():
    def number(images, indices):
        assert indices.dtype == tf.int32
        return tf.one_hot(indices, 9)

    found = evaluate(number, TEST, benchmark=benchmark(), batch_size=4)
    np.testing.assert_array_equal(found.logits.argmax(1), np.arange(9))
    for cell in found.cells:
        np.testing.assert_array_equal(cell.logits.argmax(1), np.arange(6))


def test_bad_input_gets_one_line():
    with pytest.raises(ValueError, match="at least one image"):
        evaluate(predict, TEST.take(0))
    with pytest.raises(ValueError, match=r"Expected predict to return logits \(9, K\)"):
        evaluate(lambda images, indices: images, TEST)
    with pytest.raises(ValueError, match="label") as raised:
        evaluate(lambda images, indices: tf.zeros((len(images), 2)), TEST).metrics()
    assert "\n" not in str(raised.value)


def test_an_evaluation_by_hand():
    logits, labels = np.log([[0.8, 0.2], [0.8, 0.2]]), np.array([0, 1])
    cells = [GridCell("fog", 1, logits, labels), GridCell("fog", 2, logits[:1], labels[:1])]
    scaling = VectorScaling((1.0, 1.0), (0.0, np.log(8.0)))
    metrics = Evaluation(
        logits, labels, cells, origin={"source": "regenerated"}, vector_scaling=scaling
    ).metrics()
    assert metrics["clean"]["accuracy"] == 0.5
    assert metrics["corrupted"]["accuracy"] == 0.75
    # Odds of 4 to 1 for class 0 become 1 to 2.
    assert metrics["corrupted_after_vector_scaling"]["accuracy"] == 0.25
    assert metrics["clean_after_vector_scaling"]["signed_gap"] == pytest.approx(2 / 3 - 0.5)
    assert metrics["intervals"]["clean"]["accuracy"] == pytest.approx([0.0, 1.0], abs=0.1)
    assert metrics["corruptions"] == {"source": "regenerated", "pictures": 2}
