"""The pool that images are mixed with at test time, and who is drawn from it."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from tf_varmixup import draws
from tf_varmixup.evaluation.mixup_pool import (
    choose_pool,
    partners_of_other_classes,
    partners_of_predicted_class,
)

LABELS = np.random.default_rng(0).permutation(np.repeat([0, 1, 2], [50, 3, 20]))
COUNTS = [5, 1, 4, 2]
CLASS_OF_ROW = np.repeat(np.arange(4), COUNTS)
PREDICTED = tf.constant(np.random.default_rng(0).integers(0, 4, 500), tf.int32)
SEED = draws.run_seed(3)


def test_a_pool_is_as_even_over_classes_as_they_allow():
    for size, counts in ((3, [1, 1, 1]), (12, [5, 3, 4]), (30, [14, 3, 13]), (99, [50, 3, 20])):
        rows = choose_pool(LABELS, 3, size)
        assert len(set(rows)) == len(rows)
        assert np.bincount(LABELS[rows]).tolist() == counts
        assert (np.diff(LABELS[rows]) >= 0).all()


def test_a_pool_is_drawn_by_its_seed():
    first, again, other = (choose_pool(LABELS, 3, 12, seed).tolist() for seed in (0, 0, 1))
    assert first == again
    assert first != other
    chosen = [choose_pool(LABELS, 3, 3, seed)[0] for seed in range(60)]
    assert len(set(chosen)) > 25  # of 50 images of the class, not always the first ones


def test_a_class_without_an_image_is_an_error():
    with pytest.raises(ValueError, match=r"each of the 5 classes. Received: none of class 3, 4\."):
        choose_pool(LABELS, 5, 100)
    with pytest.raises(ValueError, match=r"pool_size to be at least 3, .* Received: 2\."):
        choose_pool(LABELS, 3, 2)
    with pytest.raises(ValueError, match="Expected labels in 0 to 1"):
        choose_pool(LABELS, 2, 100)


def test_partners_of_the_predicted_class_are_of_it_and_each_as_likely():
    partners = partners_of_predicted_class(PREDICTED, COUNTS, 20, tf.range(500), SEED).numpy()
    assert (CLASS_OF_ROW[partners] == PREDICTED.numpy()[:, None]).all()
    for label, count in enumerate(COUNTS):
        drawn = partners[CLASS_OF_ROW[partners] == label]
        found = np.unique(drawn, return_counts=True)[1]
        assert len(found) == count
        assert count == 1 or stats.chisquare(found).pvalue > 1e-3


def test_other_classes_are_as_likely_as_each_other_and_so_are_their_members():
    partners = partners_of_other_classes(PREDICTED, COUNTS, 30, tf.range(500), SEED).numpy()
    for predicted in range(4):
        drawn = partners[PREDICTED.numpy() == predicted].ravel()
        classes = np.bincount(CLASS_OF_ROW[drawn], minlength=4)
        assert classes[predicted] == 0
        assert stats.chisquare(np.delete(classes, predicted)).pvalue > 1e-3
        for label in set(range(4)) - {predicted}:
            members = np.unique(drawn[CLASS_OF_ROW[drawn] == label], return_counts=True)[1]
            assert len(members) == COUNTS[label]
            assert len(members) == 1 or stats.chisquare(members).pvalue > 1e-3


def test_partners_depend_on_an_images_own_number():
    order = np.random.default_rng(1).permutation(500)
    for draw in (partners_of_predicted_class, partners_of_other_classes):
        together = draw(PREDICTED, COUNTS, 4, tf.range(500), SEED).numpy()
        shuffled = draw(tf.gather(PREDICTED, order), COUNTS, 4, tf.constant(order), SEED)
        np.testing.assert_array_equal(shuffled, together[order])
