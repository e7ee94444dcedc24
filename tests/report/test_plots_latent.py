import numpy as np
import pytest

from tf_varmixup.report import interpolations, reconstructions


def texts(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_reconstructions_show_originals_then_decoded():
    originals = np.full((2, 8, 8, 1), 102, "uint8")
    decoded = np.full((2, 8, 8, 1), 127.5, "float32")
    figure = reconstructions(originals, decoded)
    shown = [axes.images[0].get_array() for axes in figure.axes]
    assert len(shown) == 4
    assert shown[0].shape == (8, 8, 3)
    np.testing.assert_allclose(shown[0], 0.4)
    np.testing.assert_allclose(shown[1], 0.4)
    np.testing.assert_allclose(shown[2], 0.5)
    assert figure.axes[0].get_position().y0 > figure.axes[2].get_position().y0
    assert figure.axes[0].get_position().x0 == figure.axes[2].get_position().x0


def test_psnr_of_each_image():
    originals = np.zeros((3, 8, 8, 3), "float32")
    decoded = np.zeros((3, 8, 8, 3), "float32")
    decoded[0] = 25.5  # 0.1 of the range: MSE 0.01, so 20 dB
    decoded[1, ..., 0] = 76.5  # 0.3: MSE 0.09 / 3 = 0.03, so 15.23 dB
    assert [text for text in texts(reconstructions(originals, decoded)) if "dB" in text] == [
        "20.0 dB",
        "15.2 dB",
        "inf dB",
    ]


def test_reconstructions_of_another_shape_are_refused():
    with pytest.raises(
        ValueError, match=r"originals' shape \(2, 8, 8, 3\). Received: shape \(1, 8, 8, 3\)"
    ):
        reconstructions(np.zeros((2, 8, 8, 3)), np.zeros((1, 8, 8, 3)))


def test_interpolations_put_pixel_mixup_above_varmixup_pair_by_pair():
    values = np.arange(12).reshape(2, 2, 3, 1, 1, 1) * 20.0  # rows, pairs, steps
    pixel, latent = np.broadcast_to(values, (2, 2, 3, 8, 8, 3))
    figure = interpolations(pixel, latent)
    shown = [float(axes.images[0].get_array()[0, 0, 0]) * 255 / 20 for axes in figure.axes]
    np.testing.assert_allclose(shown, [0, 1, 2, 6, 7, 8, 3, 4, 5, 9, 10, 11], atol=1e-6)
    assert texts(figure) == [
        "pixel mixup",
        "λ = 1",
        "0.5",
        "0",
        "VarMixup",
        "pixel mixup",
        "VarMixup",
    ]


def test_given_weights_are_marked():
    strip = np.zeros((1, 2, 8, 8, 1))
    assert texts(interpolations(strip, strip, weights=[0.9, 0.125]))[1:3] == ["λ = 0.9", "0.125"]
    with pytest.raises(ValueError, match=r"Expected weights of shape \(2,\)"):
        interpolations(strip, strip, weights=[1.0])
    with pytest.raises(ValueError, match="pixel rows' shape"):
        interpolations(strip, strip[:, :1])


def test_images_in_another_range_are_said_to_be_so():
    figure = reconstructions(
        np.full((1, 8, 8, 1), 0.5), np.full((1, 8, 8, 1), 0.6), value_range=(0, 1)
    )
    np.testing.assert_allclose(figure.axes[0].images[0].get_array(), 0.5)
    assert "20.0 dB" in texts(figure)
