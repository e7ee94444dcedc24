"""One line about what came out of each stage of a run."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tf_varmixup.data import Dataset


def of_data(dataset: "Dataset") -> str:
    """Say how many images there are, of what kind, and what is done with them."""
    height, width, channels = dataset.image_shape
    counts = (
        f"{dataset.name}: {len(dataset.train):,} training, {len(dataset.validation):,} validation "
        f"and {len(dataset.test):,} test, {height} x {width} x {channels}, "
        f"{dataset.num_classes} classes"
    )
    return ". ".join([counts, *(note.rstrip(".") for note in dataset.notes)])


def of_autoencoder(metrics: dict[str, float]) -> str:
    """Say how well the autoencoder reconstructs, and how much of its latents it uses."""
    return (
        f"PSNR {metrics['psnr']:.2f} dB, ELBO {metrics['elbo']:.0f} and KL {metrics['kl']:.0f} "
        f"nats per image, {metrics['active_units']:.0f} active units"
    )


def of_fitted(fitted: dict[str, float]) -> str:
    """Say how strong a blur loses as much as the autoencoder, and how much that is."""
    return (
        f"sigma {fitted['sigma']:.3f} pixels, mean squared error {fitted['blur_mse']:.5f} "
        f"(reconstructions {fitted['reconstruction_mse']:.5f})"
    )


def of_midpoints(metrics: dict[str, float]) -> str:
    """Say how far midpoints between images are from pixel mixup, and from images."""
    return (
        f"gap {metrics['midpoint_gap']:.2f} (of the latent space alone {metrics['latent_gap']:.2f})"
        f", Fréchet distance {metrics['frechet_latent_midpoint']:.1f} "
        f"(pixel mixup {metrics['frechet_pixel_midpoint']:.1f})"
    )


def of_classifier(method: str, history: dict[str, list[float]]) -> str:
    """Say how the classifier does on validation images after its last epoch."""
    return (
        f"{method}: validation accuracy {history['val_accuracy'][-1]:.2%}, "
        f"ECE {history['val_ece'][-1]:.2%}"
    )


def of_evaluation(metrics: dict[str, Any]) -> str:
    """Say how the classifier does on test images."""
    return (
        f"accuracy {metrics['clean']['accuracy']:.2%} clean, "
        f"{metrics['corrupted']['accuracy']:.2%} corrupted; "
        f"temperature {metrics['temperature']:.3f}"
    )


def notes(origin: dict[str, Any]) -> list[str]:
    """Say what a reader of the metrics must know about how the corrupted images were made.

    Args:
        origin: The `corruptions` of metrics.json.

    Returns:
        Sentences for the report.
    """
    recipe = "The corrupted images are published ones, read from --corruption_dir."
    if origin["source"] == "regenerated":
        recipe = (
            f"The corrupted images were regenerated with the constants of {origin['constants']}, "
            "not published ones"
        )
        recipe += f"; frost: {origin['frost']}." if "frost" in origin else "."
    return [
        f"{recipe} Each corruption and severity was measured on the first "
        f"{origin['pictures']:,} test images.",
        "Metrics are the last epoch's. Nothing was chosen on the test images.",
    ]
