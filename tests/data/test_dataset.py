import numpy as np

from tf_varmixup.data import ImageData, Split


def test_properties():
    split = Split(np.zeros((4, 10, 12, 3), np.uint8), np.array([0, 1, 2, 0]))
    data = ImageData("things", split, split.take(1), split.take(2), ("a", "b", "c"), flip=True)
    assert data.image_shape == (10, 12, 3)
    assert data.num_classes == 3
    assert (len(data.train), len(data.validation), len(data.test)) == (4, 1, 2)
