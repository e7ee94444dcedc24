"""The published layout: what is written, what an interruption leaves, what is refused."""

import json

import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup.corruptions import (
    BENCHMARK,
    CorruptionBenchmark,
    cell,
    corrupt,
    load_published,
    write_benchmark,
)
from tf_varmixup.corruptions.origin import published_origin

IMAGES = np.random.default_rng(0).integers(0, 256, (6, 8, 8, 3), np.uint8)
LABELS = np.array([2, 0, 1, 1, 0, 2])


def benchmark(corruptions=("contrast", "gaussian_noise"), images=IMAGES, **options):
    return CorruptionBenchmark((images, LABELS), corruptions, **options)


def test_what_is_written_is_read_as_published(tmp_path):
    seen = []
    write_benchmark(benchmark(seed=4), tmp_path / "new", seen.append)
    assert {path.name for path in (tmp_path / "new").iterdir()} == {
        "contrast.npy",
        "gaussian_noise.npy",
        "labels.npy",
        "origin.json",
    }
    assert [(cell.corruption, cell.severity) for cell in seen] == [
        (name, s) for name in ("contrast", "gaussian_noise") for s in range(1, 6)
    ]
    stored = np.load(tmp_path / "new" / "gaussian_noise.npy")
    assert stored.shape == (30, 8, 8, 3)
    assert stored.dtype == np.uint8
    np.testing.assert_array_equal(stored[12:18], corrupt(IMAGES, "gaussian_noise", 3, 4))
    np.testing.assert_array_equal(np.load(tmp_path / "new" / "labels.npy"), np.tile(LABELS, 5))
    images, labels = load_published(tmp_path / "new", "contrast", 5)
    np.testing.assert_array_equal(images, corrupt(IMAGES, "contrast", 5, 4))
    np.testing.assert_array_equal(labels, LABELS)
    assert (
        published_origin(tmp_path / "new") == benchmark(["frost"]).origin
    )  # not taken for the authors' own
    origin = json.loads((tmp_path / "new" / "origin.json").read_text())
    assert origin["source"] == "regenerated"
    assert origin["seed"] == 4
    assert origin["clean_shape"] == [6, 8, 8, 3]


def test_other_labels_are_not_left_beside_the_same_images(tmp_path):
    write_benchmark(benchmark(("contrast",)), tmp_path / "new")
    write_benchmark(benchmark(("contrast",)), tmp_path / "new")
    corrected = CorruptionBenchmark((IMAGES, LABELS[::-1] % 2), ("contrast",))
    with pytest.raises(ValueError, match=r"labels\.npy to have the labels of the benchmark"):
        write_benchmark(corrected, tmp_path / "new")


def test_an_interrupted_call_goes_on(tmp_path):
    def stop(cell):
        if (cell.corruption, cell.severity) == ("gaussian_noise", 2):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_benchmark(benchmark(), tmp_path, stop)
    assert (tmp_path / "contrast.npy").exists()
    assert not (tmp_path / "gaussian_noise.npy").exists()
    written, seen = (tmp_path / "contrast.npy").stat().st_mtime_ns, []
    write_benchmark(benchmark(), tmp_path, seen.append)
    assert len(seen) == 10
    assert (tmp_path / "contrast.npy").stat().st_mtime_ns == written
    np.testing.assert_array_equal(
        np.load(tmp_path / "gaussian_noise.npy")[6:12], corrupt(IMAGES, "gaussian_noise", 2, 0)
    )
    assert not list(tmp_path.glob("*.partial"))
    write_benchmark(benchmark(["brightness"]), tmp_path)  # more of the same
    assert (tmp_path / "brightness.npy").exists()


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"seed": 1}, r"begun with seed 1\. Received: 0"),
        ({"images": 255 - IMAGES}, "clean_sha256"),
        ({"max_images": 3}, "clean_s"),
    ],
)
def test_another_benchmark_is_refused(tmp_path, other, message):
    write_benchmark(benchmark(["contrast"]), tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(ValueError, match=message):
        write_benchmark(benchmark(["brightness"], **other), tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_other_files_are_left_alone(tmp_path):
    (tmp_path / "contrast.npy").write_text("mine")
    with pytest.raises(ValueError, match=r"new folder.*a folder of other files"):
        write_benchmark(benchmark(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["contrast.npy"]


def test_what_cannot_be_laid_out(tmp_path, monkeypatch):
    with pytest.raises(ValueError, match=r"severities \(1, 2, 3, 4, 5\).*Received: \(1, 3\)"):
        write_benchmark(benchmark(severities=(1, 3)), tmp_path / "new")
    monkeypatch.setattr(
        "tf_varmixup.corruptions.benchmark.published_corruptions", lambda *_: ("contrast",)
    )
    with pytest.raises(ValueError, match="Received: the published ones"):
        write_benchmark(benchmark(["contrast"], published=tmp_path), tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{half", "to be JSON"),
        (b"\xff\xfe".decode("latin-1"), "to be JSON"),
        ("[1, 2]", "Received: no source, constants, frost"),
        ('{"source": "regenerated", "constants": "CIFAR-10-C"}', "Received: no frost"),
    ],
)
def test_a_broken_origin_is_named_in_one_line(tmp_path, content, message, monkeypatch):
    monkeypatch.setattr(cell, "corrupt", lambda images, *rest: tf.constant(images))  # in no time
    write_benchmark(benchmark(BENCHMARK), tmp_path)
    path = tmp_path / "origin.json"
    path.write_text(content, encoding="latin-1")
    published = CorruptionBenchmark((IMAGES, LABELS), published=tmp_path)
    for act in (
        lambda: published.origin,
        lambda: published_origin(tmp_path),
        lambda: write_benchmark(benchmark(BENCHMARK), tmp_path),
    ):
        with pytest.raises(ValueError, match=f"{path}.*{message}") as raised:
            act()
        assert "\n" not in str(raised.value)


def test_hidden_files_do_not_make_a_folder_another_ones(tmp_path):
    (tmp_path / ".DS_Store").write_text("x")
    write_benchmark(benchmark(["contrast"]), tmp_path)
    assert (tmp_path / "contrast.npy").exists()
