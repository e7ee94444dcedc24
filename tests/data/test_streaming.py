"""Streamed images are those in memory: the same batches, digests, cells and predictions."""

import dataclasses
import pathlib
import pickle
import types

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds
from PIL import Image

from tf_varmixup import data
from tf_varmixup.corruptions import CorruptionBenchmark, cell, labeled_arrays
from tf_varmixup.data import folder_images, limits
from tf_varmixup.data.labeled import labeled_arrays as first_of
from tf_varmixup.data.labeled import labeled_batches
from tf_varmixup.evaluation import predict_logits
from tf_varmixup.evaluation.grid import grid_cells
from tf_varmixup.run import data_digest
from tf_varmixup.streaming import StreamedImages, UnreadableImageError, unreadable_reason

MODES = ("RGB", "L", "RGBA", "P", "CMYK", "LA", "1", "YCbCr")


def save(file, number, mode):
    random = np.random.default_rng(number)
    image = Image.fromarray(random.integers(0, 256, (20 + number, 30, 3), "uint8")).convert(mode)
    exif = Image.Exif()
    exif[0x0112] = 1 + number % 8  # the orientation that a camera notes
    suffix = ".jpg" if mode in ("CMYK", "YCbCr", "L") else ".png"
    file.parent.mkdir(parents=True, exist_ok=True)
    image.save(file.with_suffix(suffix), exif=exif)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("streamed")
    for number in range(32):
        save(folder / "ab"[number % 2] / f"{number:02}", number, MODES[number % 8])
    return folder


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """TFDS folders of the same images in two formats: `prepared[format]`."""
    folders = {}
    images = np.random.default_rng(0).integers(0, 256, (30, 12, 10, 3), "uint8")
    examples = [(key, {"image": one, "label": key % 3}) for key, one in enumerate(images)]
    for form in ("tfrecord", "array_record"):
        folders[form] = tmp_path_factory.mktemp(form)
        tfds.dataset_builders.store_as_tfds_dataset(
            name="own_images",
            version="1.0.0",
            data_dir=str(folders[form]),
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(12, 10, 3)),
                    "label": tfds.features.ClassLabel(num_classes=3),
                }
            ),
            split_datasets={"train": examples[:21], "test": examples[21:]},
            file_format=form,
        )
    return folders


def equal(first, second):
    for one, other in zip(first, second, strict=True):
        for part, same in zip(one, other, strict=True):
            np.testing.assert_array_equal(part, same)


@pytest.fixture(scope="module")
def pair(folder):
    """A folder in memory, and streamed."""
    return tuple(data.load_data(folder, image_size=16, stream=stream) for stream in (None, True))


@pytest.fixture(scope="module", params=["folder", "tfds"])
def both(request, pair, prepared):
    """The same dataset in memory, and streamed."""
    if request.param == "folder":
        return pair
    arguments = ("own_images", prepared["tfrecord"])
    return tuple(data.load_data(*arguments, stream=stream) for stream in (None, True))


def test_the_same_batches_come_at_every_step_however_far_a_run_was(both):
    memory, streamed = both
    assert not memory.is_streamed
    assert streamed.is_streamed
    assert streamed.image_shape == memory.image_shape
    pipelines = [data.training_batches(one.train, 6, 3, 7, shifted, 1, 2) for one in both]
    assert pipelines[0].element_spec == pipelines[1].element_spec
    equal(*(pipeline.take(5).as_numpy_iterator() for pipeline in pipelines))


def test_the_same_parts_of_batches_come_and_those_without_images(both):
    context = tf.distribute.InputContext(2, 1, num_replicas_in_sync=4)
    size = len(both[0].train) - 1  # the second batch has one image
    pipelines = [data.evaluation_batches(one.train, size, 3, context) for one in both]
    parts = [list(pipeline.as_numpy_iterator()) for pipeline in pipelines]
    equal(*parts)
    assert [len(images) > 0 for images, _ in parts[0]] == [True, True, False, False]


def shifted(images, seed):
    """Augment in no time."""
    return images + tf.cast(seed[0] % 7, tf.uint8)


def test_files_that_tfds_itself_reads_in_any_order_are_streamed_as_the_others(prepared):
    opened = [data.load_data("own_images", path, stream=True) for path in prepared.values()]
    for part in ("train", "test"):
        splits = [getattr(one, part) for one in opened]
        np.testing.assert_array_equal(*(split.labels for split in splits))
        np.testing.assert_array_equal(*(split.images[:] for split in splits))


def test_the_digest_is_the_same_so_that_a_run_may_go_on_either_way(pair):
    assert data_digest(pair[0]) == data_digest(pair[1])


def test_streamed_or_not_is_said_in_the_notes(pair):
    assert [any("streamed" in note for note in one.notes) for one in pair] == [False, True]
    mirrored = dataclasses.replace(pair[1], flip=True)
    assert sum("streamed" in note for note in mirrored.notes) == 1
    splits = {part: getattr(pair[0], part) for part in ("train", "validation", "test")}
    assert dataclasses.replace(mirrored, **splits).notes == pair[0].notes


def test_a_pickle_reads_the_same_images(both):
    again = pickle.loads(pickle.dumps(both[1]))
    np.testing.assert_array_equal(again.test.images[:], both[0].test.images)


def test_cells_and_predictions_are_the_same(pair, monkeypatch):
    def predict(images, indices):
        return tf.cast(images[:, 0, 0], tf.float32) + tf.cast(indices, tf.float32)[:, None]

    def darker(images, corruption, severity, seed, indices):
        return images // 2

    monkeypatch.setattr(cell, "corrupt", darker)
    benchmarks = [CorruptionBenchmark(pair[0].test, "contrast", [1], 5)]
    for most in (0, 2**28):
        monkeypatch.setattr(labeled_arrays, "SAMPLE_BYTES", most)
        benchmarks.append(CorruptionBenchmark(pair[1].test, "contrast", [1], 5))
    kinds = [isinstance(benchmark.images, StreamedImages) for benchmark in benchmarks]
    assert kinds == [False, True, False]
    np.testing.assert_array_equal(benchmarks[2].images, benchmarks[0].images)
    cells = [benchmark.cell("contrast", 1) for benchmark in benchmarks[:2]]
    np.testing.assert_array_equal(cells[0].images(), cells[1].images())
    found = [next(grid_cells(predict, [cell], batch_size=2)).logits for cell in cells]
    np.testing.assert_array_equal(*found)
    np.testing.assert_array_equal(*(predict_logits(predict, one.test, 4) for one in pair))


def test_evaluations_and_callbacks_get_the_same_images(pair):
    equal(*(data.evaluation_batches(one.test, 4, 3).as_numpy_iterator() for one in pair))
    equal(*(labeled_batches(one.test, 4) for one in pair))
    equal([first_of(pair[0].test, 3)], [first_of(pair[1].test, 3)])
    np.testing.assert_array_equal(pair[1].test.sample().images, pair[0].test.images)


@pytest.mark.slow
def test_replicas_divide_streamed_batches_among_themselves(pair):
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    batches = data.training_batches(pair[1].train, 6, 3, 0)
    parts = next(iter(strategy.experimental_distribute_dataset(batches)))[0]
    whole = next(iter(data.training_batches(pair[0].train, 6, 3, 0)))[0]
    shown = tf.concat(strategy.experimental_local_results(parts), 0)
    np.testing.assert_array_equal(shown, whole)


def test_a_folder_is_opened_without_decoding_its_images(folder, monkeypatch):
    decoded = []
    original = folder_images.decode_image
    monkeypatch.setattr(
        folder_images, "decode_image", lambda file: decoded.append(file) or original(file)
    )
    opened = data.load_data(folder, image_size=16, stream=True)
    assert len(decoded) == 1
    assert opened.train.images[:3].shape == (3, 16, 16, 3)
    assert len(decoded) == 4


def test_a_gray_folder_stays_gray_and_one_color_makes_all_of_three_channels(tmp_path):
    for number in range(8):
        save(tmp_path / "ab"[number % 2] / f"{number}", 0, ("L", "LA", "1")[number % 3])
    gray = data.load_data(tmp_path, stream=True)
    assert gray.image_shape == (20, 30, 1)
    save(tmp_path / "b" / "color", 0, "RGB")
    mixed = data.load_data(tmp_path, stream=True)
    assert mixed.image_shape == (20, 30, 3)
    assert mixed.test.images[:].shape[3] == 3


def test_what_does_not_fit_into_half_of_the_memory_is_streamed_by_itself(folder, monkeypatch):
    bytes_of_all = 32 * 16 * 16 * 3
    for total, streamed in ((2 * bytes_of_all, False), (2 * bytes_of_all - 2, True)):
        memory = types.SimpleNamespace(total=total)
        monkeypatch.setattr(limits.psutil, "virtual_memory", lambda memory=memory: memory)
        assert data.load_data(folder, image_size=16).is_streamed == streamed
    with pytest.raises(ValueError, match=r"half of the memory .* image_size, or stream them"):
        data.load_data(folder, image_size=16, stream=False)


def test_digits_are_not_streamed():
    with pytest.raises(ValueError, match=r"Expected a folder or a TFDS .* Received: 'digits'"):
        data.load_data("digits", stream=True)


def test_a_broken_image_is_named_wherever_it_is_met(tmp_path):
    for number in range(12):
        save(tmp_path / "ab"[number % 2] / f"{number:02}", 0, "RGB")
    file = tmp_path / "b" / "03.png"
    file.write_bytes(file.read_bytes()[:300])
    said = rf"^Expected an image file that can be read\. Received: {file} \([^\n]*\)\.$"
    with pytest.raises(ValueError, match=said):
        data.load_data(tmp_path)
    opened = data.load_data(tmp_path, stream=True)
    everything = data.Split(StreamedImages(opened.train.images.source), np.zeros(12, np.int64))
    with pytest.raises(tf.errors.OpError) as error:
        list(data.evaluation_batches(everything, 12, 2))
    assert str(file) in unreadable_reason(error.value)


def test_an_image_of_another_size_is_named(tmp_path):
    for number in range(12):
        save(tmp_path / "ab"[number % 2] / f"{number:02}", int(number == 9), "RGB")
    opened = data.load_data(tmp_path, stream=True)
    with pytest.raises(ValueError, match=r"20 x 30 \(.*00\.png\) and .*09\.png\)\.$"):
        data_digest(opened)


def test_tfds_files_that_changed_are_named(prepared, tmp_path):
    source = pathlib.Path(prepared["tfrecord"], "own_images", "1.0.0")
    copied = tmp_path / "own_images" / "1.0.0"
    copied.mkdir(parents=True)
    for file in source.iterdir():
        (copied / file.name).write_bytes(file.read_bytes())
    opened = data.load_data("own_images", tmp_path, stream=True)
    [file] = copied.glob("*train.tfrecord*")
    file.write_bytes(file.read_bytes()[:-500])
    with pytest.raises(UnreadableImageError, match=rf"own_images' as they were\. .*{file.name}"):
        _ = opened.train.images[:]
    with pytest.raises(ValueError, match=r"split 'train' of 'own_images' in files .* DataLossErr"):
        data.load_data("own_images", tmp_path)
