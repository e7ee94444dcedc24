import numpy as np
import pytest

from tf_varmixup.report import confidently_wrong

NAMES = ("cat", "dog")


def images_of(count):
    return np.arange(count, dtype="uint8").reshape(-1, 1, 1, 1) * np.ones((1, 8, 8, 1), "uint8")


def test_the_surest_errors_come_first_and_correct_images_never():
    logits = np.log([[0.9, 0.1], [0.6, 0.4], [0.01, 0.99], [0.2, 0.8]])
    figure = confidently_wrong(images_of(4), logits, [1, 1, 1, 0], NAMES)
    shown = [round(255 * axes.images[0].get_array()[0, 0, 0]) for axes in figure.axes]
    assert shown == [0, 3, 1]
    assert [axes.texts[0].get_text() for axes in figure.axes] == [
        "cat 90 %\nis dog",
        "dog 80 %\nis cat",
        "cat 60 %\nis dog",
    ]
    assert len(confidently_wrong(images_of(4), logits, [1, 1, 1, 0], NAMES, num_images=2).axes) == 2


def test_a_class_name_is_never_read_as_mathematics():
    figure = confidently_wrong(images_of(1), [[1.0, 0.0]], [1], ("$x", "$y"))
    assert not figure.axes[0].texts[0].get_parse_math()


def test_nothing_to_show_and_wrong_counts_are_refused():
    with pytest.raises(ValueError, match=r"at least one wrong image. Received: 1 correct"):
        confidently_wrong(images_of(1), [[1.0, 0.0]], [0], NAMES)
    with pytest.raises(ValueError, match=r"Expected 1 images, as many as logits. Received: 2"):
        confidently_wrong(images_of(2), [[1.0, 0.0]], [0], NAMES)
