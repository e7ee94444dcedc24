import numpy as np
import sklearn.datasets

from tf_varmixup.data.digits_source import load_digits


def test_digits():
    data = load_digits()
    assert data.name == "digits"
    assert data.flip is False
    assert data.image_shape == (8, 8, 1)
    assert data.class_names == tuple("0123456789")
    # scikit-learn counts 178, 182, 177, 183, 181, 182, 181, 179, 174, 180; a fifth of each,
    # rounded, is held out.
    assert np.bincount(data.test.labels).tolist() == [36, 36, 35, 37, 36, 36, 36, 36, 35, 36]
    assert len(data.train) == 1797 - 359
    assert len(data.validation) == 0


def test_levels_and_content():
    data = load_digits()
    raw = sklearn.datasets.load_digits()
    assert set(np.unique(data.train.images)) == {
        0,
        16,
        32,
        48,
        64,
        80,
        96,
        112,
        128,
        143,
        159,
        175,
        191,
        207,
        223,
        239,
        255,
    }
    images = {
        image.tobytes(): label
        for image, label in zip(raw.images.astype(np.uint8), raw.target, strict=True)
    }
    for split in (data.train, data.test):
        levels = np.rint(split.images[..., 0] / 255 * 16).astype(np.uint8)
        assert all(
            images[image.tobytes()] == label
            for image, label in zip(levels, split.labels, strict=True)
        )


def test_repeatable_and_resized():
    first, second, large = load_digits(), load_digits(), load_digits(image_size=16)
    np.testing.assert_array_equal(first.test.images, second.test.images)
    assert large.image_shape == (16, 16, 1)
    np.testing.assert_array_equal(large.test.labels, first.test.labels)
