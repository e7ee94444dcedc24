import numpy as np
import pytest

from tf_varmixup.data.labels import check_class_numbers, class_numbers


@pytest.mark.parametrize(
    "labels",
    [
        [2, 0, 1],
        [[2], [0], [1]],
        [2.0, 0.0, 1.0],
        np.array([2, 0, 1], np.uint8),
        np.array([2, 0, 1], np.int8),
        [[0, 0, 1], [1, 0, 0], [0, 1, 0]],
        np.array([[0.1, 0.1, 0.8], [0.6, 0.2, 0.2], [0.3, 0.4, 0.3]], np.float16),
    ],
)
def test_all_forms_of_labels_become_class_numbers(labels):
    numbers = class_numbers(labels)
    assert numbers.dtype == np.int64
    assert numbers.tolist() == [2, 0, 1]


def test_class_numbers_lie_within_the_classes():
    check_class_numbers(np.array([], np.int64), 3)
    check_class_numbers(np.array([0, 2]), 3)
    with pytest.raises(ValueError, match=r"in 0 to 2, .* 3 classes. Received: 0 to 3.$"):
        check_class_numbers(np.array([0, 3]), 3)
    with pytest.raises(ValueError, match=r"Received: -1 to 2"):
        check_class_numbers(np.array([-1, 2]), 3)
    with pytest.raises(ValueError, match=r"Received: 1 to 3. Count the classes from 0, not from 1"):
        check_class_numbers(np.array([1, 2, 3]), 3)
