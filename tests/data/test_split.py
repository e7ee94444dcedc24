import numpy as np
import pytest

from tf_varmixup.data import Split
from tf_varmixup.data.split import divide, held_out


def numbered(count, classes=2):
    """Images whose every pixel is their own number."""
    images = np.broadcast_to(
        np.arange(count, dtype=np.uint8)[:, None, None, None], (count, 8, 8, 1)
    ).copy()
    return Split(images, np.arange(count, dtype=np.int64) % classes)


def test_take():
    split = numbered(5)
    assert len(split) == 5
    assert split.take(3).images[:, 0, 0, 0].tolist() == [0, 1, 2]
    assert split.take(3).labels.tolist() == [0, 1, 0]
    assert len(split.take(9)) == 5
    assert split.take(0).images.shape == (0, 8, 8, 1)


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (np.zeros((2, 8, 8, 1), np.float32), np.zeros(2, np.int64), "float32"),
        ([[0]], np.zeros(1, np.int64), "images to be a NumPy array. Received: list"),
        (np.zeros((2, 8, 8, 1), np.uint8), np.array(["a", "b"]), "<U1"),
        (np.zeros((2, 8, 8), np.uint8), np.zeros(2, np.int64), r"\(2, 8, 8\)"),
        (np.zeros((2, 8, 8, 4), np.uint8), np.zeros(2, np.int64), r"\(2, 8, 8, 4\)"),
        (np.zeros((2, 8, 8, 3), np.uint8), np.zeros(2, np.int32), "int32"),
        (np.zeros((2, 8, 8, 3), np.uint8), np.zeros(3, np.int64), r"\(3,\)"),
    ],
)
def test_bad_arrays(images, labels, message):
    with pytest.raises(ValueError, match=message):
        Split(images, labels)


def test_held_out_by_class():
    # 20 of class 0, 7 of class 1, 2 of class 2, 1 of class 3. A tenth: 2, 0.7 -> 1, 0.2 -> at least
    # 1, and a single image stays.
    labels = np.repeat([0, 1, 2, 3], [20, 7, 2, 1])
    chosen = held_out(labels, 0.1, seed=0)
    assert np.bincount(labels[chosen], minlength=4).tolist() == [2, 1, 1, 0]
    # Nine tenths: 18, 6.3 -> 6, 1.8 -> 2 but one must stay, and again the single one stays.
    assert np.bincount(labels[held_out(labels, 0.9, seed=0)], minlength=4).tolist() == [18, 6, 1, 0]
    assert not held_out(labels, 0.0, seed=0).any()


def test_held_out_is_random_but_repeatable():
    labels = np.zeros(1000, np.int64)
    chosen = held_out(labels, 0.5, seed=3)
    np.testing.assert_array_equal(chosen, held_out(labels, 0.5, seed=3))
    assert (
        200 < (chosen & held_out(labels, 0.5, seed=4)).sum() < 300
    )  # 250 expected, standard deviation 8
    assert 200 < chosen[:500].sum() < 300


def test_divide_keeps_order_and_loses_nothing():
    stays, out = divide(numbered(30, classes=3), 0.2, seed=1)
    assert len(stays) == 24
    assert len(out) == 6
    for part in (stays, out):
        numbers = part.images[:, 0, 0, 0]
        assert (np.diff(numbers.astype(int)) > 0).all()
        np.testing.assert_array_equal(numbers % 3, part.labels)
    assert sorted([*stays.images[:, 0, 0, 0], *out.images[:, 0, 0, 0]]) == list(range(30))
