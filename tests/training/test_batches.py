import numpy as np
import pytest

from tf_varmixup.training import corruption_benchmark, training_batches


def first(dataset, recipe, **options):
    return [part.numpy() for part in next(iter(training_batches(dataset, recipe, **options)))]


def test_without_shifts_and_mirrors_images_are_as_they_are(dataset, recipe):
    images, labels = first(dataset, recipe(shift=0.0))
    assert images.dtype == np.uint8
    assert images.shape == (8, 8, 8, 1)
    assert labels.shape == (8, 3)
    known = {image.tobytes(): label for image, label in zip(*rows(dataset.train), strict=True)}
    assert [known[image.tobytes()] for image in images] == labels.argmax(1).tolist()


def rows(split):
    return split.images, split.labels.tolist()


def test_mirroring_is_as_the_recipe_says(dataset, recipe):
    plain, _ = first(dataset, recipe(shift=0.0))
    mirrored, _ = first(dataset, recipe(shift=0.0, flip=True))
    which = [
        (mirrored[row] == plain[row]).all() or (mirrored[row] == plain[row, :, ::-1]).all()
        for row in range(8)
    ]
    assert all(which)
    assert (mirrored != plain).any()


@pytest.mark.parametrize(("shift", "pixels"), [(0.25, 2), (0.01, 1)])
def test_shifts_are_a_share_of_the_height_and_a_pixel_at_least(dataset, recipe, shift, pixels):
    plain, _ = first(dataset, recipe(shift=0.0))
    shifted, _ = first(dataset, recipe(shift=shift))
    steps = set()
    for image, original in zip(shifted, plain, strict=True):
        # The middle of a shifted image lies somewhere near in the original.
        middle = image[3:5, 3:5]
        steps |= {
            max(abs(down), abs(right))
            for down in range(-3, 4)
            for right in range(-3, 4)
            if (original[3 + down : 5 + down, 3 + right : 5 + right] == middle).all()
        }
    assert max(steps) == pixels


def test_a_pipeline_goes_on_where_another_one_stopped(dataset, recipe):
    batches = iter(training_batches(dataset, recipe()))
    for _ in range(3):
        next(batches)
    np.testing.assert_array_equal(next(batches)[0], first(dataset, recipe(), first_epoch=1)[0])


def test_another_seed_gives_another_order(dataset, recipe):
    one, other = first(dataset, recipe(seed=0)), first(dataset, recipe(seed=1))
    assert (one[0] != other[0]).any()
    np.testing.assert_array_equal(one[0], first(dataset, recipe(seed=0))[0])


def test_the_benchmark_has_as_many_images_as_the_recipe_says(dataset, recipe):
    benchmark = corruption_benchmark(dataset, recipe(corruption_pictures=4))
    cell = benchmark.cell("fog", 3)
    assert len(cell) == 4
    np.testing.assert_array_equal(cell.labels, dataset.test.labels[:4])
    assert len(benchmark) == 95


def test_published_images_that_are_missing_are_named(dataset, recipe, tmp_path):
    with pytest.raises((ValueError, FileNotFoundError), match=r"\.npy"):
        corruption_benchmark(dataset, recipe(corruption_dir=tmp_path))
