"""Where frost comes from."""

import numpy as np
import pytest
from scipy import ndimage

from tf_varmixup.corruptions import frost


@pytest.fixture
def without_photographs(monkeypatch):
    def clear():
        frost._full_textures.cache_clear()
        frost.frost_textures.cache_clear()

    clear()
    monkeypatch.setattr(frost, "frost_photographs", tuple)
    yield
    clear()


def test_procedural_textures(without_photographs):
    assert frost.frost_source() == "procedural"
    textures = frost.frost_textures(0.2, 32, 32)
    assert len(textures) == 5
    for texture, (color, deviation) in zip(textures, frost.COLORS, strict=True):
        assert texture.dtype == np.uint8
        assert texture.shape == (90, 135, 3)
        np.testing.assert_allclose(texture.mean(axis=(0, 1)), color, atol=4)
        np.testing.assert_allclose(texture[..., 1].std(), deviation, rtol=0.1)
    np.testing.assert_array_equal(frost._procedural(0, *frost.COLORS[0]), frost._full_textures()[0])


def test_textures_grow_with_the_images(without_photographs):
    for texture in frost.frost_textures(1, 600, 700):
        assert texture.shape[0] > 600
        assert texture.shape[1] > 700


def test_photographs():
    if frost.frost_source() == "procedural":
        pytest.skip("the photographs cannot be fetched here")
    textures = frost.frost_textures(0.2, 32, 32)
    assert [texture.shape for texture in textures] == [
        (120, 180, 3),
        (63, 112, 3),
        (63, 112, 3),
        (70, 105, 3),
        (99, 132, 3),
    ]
    assert textures[0][..., 2].mean() > textures[0][..., 0].mean() + 50  # the first is blue


@pytest.mark.parametrize("scale", [0.2, 0.3, 1, 1.5])
def test_resize_is_that_of_opencv(scale):
    cv2 = pytest.importorskip("cv2")
    texture = ndimage.zoom(
        np.random.default_rng(0).integers(0, 256, (15, 20, 3)), (4, 4, 1), order=1
    ).astype(np.uint8)
    expected = cv2.resize(texture, (0, 0), fx=scale, fy=scale)
    found = frost._resize(texture, scale)
    assert found.shape == expected.shape
    assert np.abs(found.astype(int) - expected).max() <= 1
