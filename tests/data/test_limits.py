import types

import numpy as np
import pytest

from tf_varmixup.data import limits


def test_check_image_shape():
    limits.check_image_shape("x", (8, 9, 1))
    with pytest.raises(ValueError, match=r"at least 8 x 8\. Received: 7 x 9"):
        limits.check_image_shape("x", (7, 9, 1))
    with pytest.raises(ValueError, match="2 channels"):
        limits.check_image_shape("x", (8, 8, 2))


def test_check_memory_is_half_of_what_there_is(monkeypatch):
    monkeypatch.setattr(
        limits.psutil, "virtual_memory", lambda: types.SimpleNamespace(total=2 * 100 * 8 * 8 * 3)
    )
    limits.check_memory("x", 100, (8, 8, 3))
    with pytest.raises(ValueError, match=r"of 'x' that fit .* 101 images of 8 x 8 x 3"):
        limits.check_memory("x", 101, (8, 8, 3))


def test_a_container_has_the_memory_that_it_may_use(monkeypatch, tmp_path):
    for content, fits in (("max", True), (str(2 * 99 * 8 * 8 * 3), False)):
        (tmp_path / "memory.max").write_text(content)
        monkeypatch.setattr(limits, "_CONTAINER", (tmp_path / "memory.max", tmp_path / "none"))
        assert limits.fits_in_memory(100, (8, 8, 3)) == fits


def test_resize():
    images = np.zeros((2, 16, 32, 3), np.uint8)
    images[:, :, 16:] = 200
    resized = limits.resize(images, 8).numpy()
    assert resized.shape == (2, 8, 8, 3)
    assert resized.dtype == np.uint8
    assert (resized[:, :, :3] == 0).all()
    assert (resized[:, :, 5:] == 200).all()
    np.testing.assert_array_equal(limits.resize(images[0], 8), resized[0])
    np.testing.assert_array_equal(limits.resize(images, None), images)


def test_shrinking_averages():
    # A checkerboard of single pixels becomes its mean; without antialiasing, bilinear sampling
    # could land on either color.
    board = (np.indices((64, 64)).sum(0) % 2 * 254).astype(np.uint8)[None, ..., None]
    resized = limits.resize(board, 16).numpy().astype(int)
    assert abs(resized[:, 2:-2, 2:-2] - 127).max() <= 2
