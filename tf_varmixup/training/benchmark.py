"""The corrupted images that a run is measured on."""

import pathlib

from tf_varmixup import data
from tf_varmixup.corruptions import CorruptionBenchmark, published_corruptions
from tf_varmixup.corruptions.published import TFDS_NAME
from tf_varmixup.data.labels import check_class_numbers
from tf_varmixup.run.recipe import ResolvedRecipe


def corruption_benchmark(dataset: data.Dataset, recipe: ResolvedRecipe) -> CorruptionBenchmark:
    """Put the test images under all corruptions, or take published ones if a folder is given.

    Args:
        dataset: A `tf_varmixup.data.Dataset`.
        recipe: A `ResolvedRecipe`.

    Returns:
        A `CorruptionBenchmark`.

    Raises:
        ValueError: If published images are laid out otherwise, have labels beyond the classes, or
            an `origin.json` that cannot be read.
        FileNotFoundError: If some of them are missing.
    """
    folder = recipe.corruption_dir
    corruptions = "all" if folder is None else published_corruptions(folder, dataset.image_shape)
    benchmark = CorruptionBenchmark(
        dataset.test,
        corruptions,
        max_images=recipe.corruption_pictures,
        seed=recipe.seed,
        published=folder,
    )
    _ = benchmark.origin  # which reads origin.json
    if folder is not None and not pathlib.Path(folder, TFDS_NAME).is_dir():
        for cell in benchmark:
            try:
                check_class_numbers(cell.labels, dataset.num_classes)
            except ValueError as error:
                raise ValueError(f"In labels.npy of {folder}: {error}") from error
    return benchmark
