"""The Frechet distance, by hand and against SciPy's matrix root."""

import numpy as np
import pytest
import scipy.linalg

from tf_varmixup.metrics import frechet_distance

RANDOM = np.random.default_rng(0)
FIRST = RANDOM.normal(size=(40, 5)) @ RANDOM.normal(size=(5, 5))
SECOND = RANDOM.normal(size=(60, 5)) @ RANDOM.normal(size=(5, 5)) + 1.0


def test_of_one_feature_it_is_that_of_means_and_deviations():
    first, second = np.array([[0.0], [2.0]]), np.array([[1.0], [5.0], [9.0]])
    # Means 1 and 5, deviations root 2 and 4.
    expected = (1 - 5) ** 2 + (np.sqrt(2) - 4) ** 2
    assert frechet_distance(first, second) == pytest.approx(expected, rel=1e-12)


def test_of_many_features_it_is_the_formula():
    covariances = np.cov(FIRST.T), np.cov(SECOND.T)
    root = scipy.linalg.sqrtm(covariances[0] @ covariances[1]).real
    spread = np.trace(covariances[0] + covariances[1] - 2 * root)
    expected = ((FIRST.mean(0) - SECOND.mean(0)) ** 2).sum() + spread
    assert frechet_distance(FIRST, SECOND) == pytest.approx(expected, rel=1e-9)
    assert frechet_distance(SECOND, FIRST) == pytest.approx(expected, rel=1e-9)


def test_a_set_is_at_no_distance_from_itself():
    assert frechet_distance(FIRST, FIRST[::-1]) == pytest.approx(0.0, abs=1e-9)
    # Also where features are constant or fewer images than features.
    flat = np.concatenate([FIRST, np.ones((40, 60))], 1)
    assert frechet_distance(flat, flat) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (FIRST, SECOND[:, :4], r"\(N, D\) and \(M, D\). Received: shapes \(40, 5\) and \(60, 4\)"),
        (FIRST[:, 0], SECOND, r"Received: shapes \(40,\)"),
        (FIRST[:1], SECOND, r"at least 2 images. Received: shapes \(1, 5\)"),
        (FIRST, np.full((3, 5), np.nan), "finite"),
    ],
    ids=["columns", "rank", "one", "nan"],
)
def test_bad_features_are_named(first, second, message):
    with pytest.raises(ValueError, match=message):
        frechet_distance(first, second)
