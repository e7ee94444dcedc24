"""Corrupted images made ahead of their use."""

import threading

import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup.corruptions import CorruptionBenchmark, corrupt
from tf_varmixup.corruptions.ahead import CELLS_BUILT_AHEAD, corrupted_ahead, images_at_once

IMAGES = np.random.default_rng(0).integers(0, 256, (7, 16, 16, 3), np.uint8)
BENCHMARK = CorruptionBenchmark((IMAGES, np.arange(7)), ["snow", "contrast"], [1, 5], seed=4)


@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_parts_make_up_the_cells(size):
    parts = [
        (cell.corruption, cell.severity, start, images.numpy())
        for cell, start, images in corrupted_ahead(BENCHMARK, lambda _: size)
    ]
    for corruption in BENCHMARK.corruptions:
        for severity in BENCHMARK.severities:
            found = [
                (start, images) for *axes, start, images in parts if axes == [corruption, severity]
            ]
            assert [start for start, _ in found] == list(range(0, 7, size))
            expected = corrupt(IMAGES, corruption, severity, 4).numpy()
            np.testing.assert_array_equal(np.concatenate([images for _, images in found]), expected)


def test_parts_are_about_16_megabytes():
    cell = BENCHMARK.cell("snow", 1)
    assert images_at_once(cell) == 2**24 // (16 * 16 * 3)


class Cell:
    """A cell that notes who makes its images."""

    source = IMAGES

    def __init__(self, made):
        self.made = made

    def __len__(self):
        return len(self.source)

    def corrupt(self, images, indices):
        self.made.append((len(images), threading.current_thread() is threading.main_thread()))
        return tf.constant(images)


def test_only_a_few_cells_are_drawn_and_made_ahead():
    drawn, made = [], []

    def cells():
        for number in range(20):
            drawn.append(number)
            yield Cell(made)

    parts = corrupted_ahead(cells(), lambda cell: len(cell))
    assert not drawn
    next(parts)
    assert len(drawn) == CELLS_BUILT_AHEAD + 2
    parts.close()
    assert len([size for size, _ in made if size]) == 2  # the one that was yielded and the next
    assert not any(in_main_thread for _, in_main_thread in made)


def test_an_error_reaches_the_caller():
    class Broken(Cell):
        def corrupt(self, images, indices):
            raise ValueError("no such image")

    with pytest.raises(ValueError, match="no such image"):
        list(corrupted_ahead([Broken([])]))
