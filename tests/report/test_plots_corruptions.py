import numpy as np
import pytest

from tf_varmixup.report import contact_sheet

CLEAN = np.full((8, 8, 1), 100, "uint8")


def test_rows_are_corruptions_in_the_benchmarks_order():
    levels = {"fog": 10, "gaussian_noise": 20}
    corrupted = {
        name: np.stack([np.full((8, 8, 1), level + s, "uint8") for s in range(1, 6)])
        for name, level in levels.items()
    }
    figure = contact_sheet(CLEAN, corrupted)
    shown = [axes.get_images()[0].get_array()[0, 0, 0] * 255 for axes in figure.axes]
    np.testing.assert_allclose(shown, [100, 21, 22, 23, 24, 25, 100, 11, 12, 13, 14, 15], atol=1e-6)
    assert [axes.texts[-1].get_text() for axes in figure.axes[::6]] == ["gaussian noise", "fog"]
    assert [axes.texts[0].get_text() for axes in figure.axes[:6]] == [
        "clean",
        "1",
        "2",
        "3",
        "4",
        "5",
    ]


@pytest.mark.parametrize("corrupted", [{}, {"fog": np.zeros((4, 8, 8, 1))}])
def test_bad_images(corrupted):
    with pytest.raises(ValueError, match="5 images each"):
        contact_sheet(CLEAN, corrupted)
