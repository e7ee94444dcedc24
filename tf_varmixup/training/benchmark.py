"""The corrupted images that a run is measured on."""

from tf_varmixup import data
from tf_varmixup.corruptions import CorruptionBenchmark, published_corruptions
from tf_varmixup.run.recipe import ResolvedRecipe


def corruption_benchmark(dataset: data.Dataset, recipe: ResolvedRecipe) -> CorruptionBenchmark:
    """Put the test images under all corruptions, or take published ones if a folder is given.

    Args:
        dataset: A `tf_varmixup.data.Dataset`.
        recipe: A `ResolvedRecipe`.

    Returns:
        A `CorruptionBenchmark`.

    Raises:
        ValueError: If published images are laid out otherwise.
        FileNotFoundError: If some of them are missing.
    """
    folder = recipe.corruption_dir
    corruptions = "all" if folder is None else published_corruptions(folder, dataset.image_shape)
    return CorruptionBenchmark(
        dataset.test,
        corruptions,
        max_images=recipe.corruption_pictures,
        seed=recipe.seed,
        published=folder,
    )
