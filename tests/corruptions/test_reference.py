"""Against images and statistics made with the authors' own code."""

import csv

import numpy as np
import pytest
import tensorflow_datasets as tfds

from tf_varmixup.corruptions import CORRUPTIONS, SEVERITIES, corrupt, frost_source

DETERMINISTIC = (
    "defocus_blur",
    "gaussian_blur",
    "zoom_blur",
    "brightness",
    "saturate",
    "contrast",
    "pixelate",
    "jpeg_compression",
)
COLUMNS = (
    "mean_abs_difference",
    "rms_difference",
    "median_std_ratio",
    "median_laplacian_energy_ratio",
)
# Where a image's few draws decide much, 2,000 images say less of the mean.
TOLERANCES = {"snow": 0.05, "frost": 0.05, "spatter": 0.05}


@pytest.fixture(scope="module")
def examples(shared):
    with np.load(shared / "corruption_reference" / "examples.npz") as archive:
        return {name: archive[name] for name in archive.files}


@pytest.fixture(scope="module")
def statistics(shared):
    with open(shared / "corruption_reference" / "statistics.csv", newline="") as file:
        return {(row["corruption"], int(row["severity"])): row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def images(tfds_dir):
    data = tfds.load("cifar10", split="test", data_dir=tfds_dir, batch_size=-1)
    return data["image"].numpy()[::5]


def laplacian_energy(images):
    """Mean square of the gray image's Laplacian, without its border."""
    gray = images.mean(axis=3)
    around = gray[:, :-2, 1:-1] + gray[:, 2:, 1:-1] + gray[:, 1:-1, :-2] + gray[:, 1:-1, 2:]
    return np.square(around - 4 * gray[:, 1:-1, 1:-1]).mean(axis=(1, 2))


@pytest.mark.parametrize("corruption", DETERMINISTIC)
def test_deterministic_corruptions_match_image_by_image(examples, corruption):
    for severity in SEVERITIES:
        found = corrupt(examples["clean"], corruption, severity, 0).numpy()
        difference = np.abs(found.astype(int) - examples[corruption][severity - 1])
        assert difference.mean() <= 0.1, severity
        assert (difference <= 1).mean() >= 0.999, severity


@pytest.mark.slow
@pytest.mark.parametrize("corruption", [name for name in CORRUPTIONS if name not in DETERMINISTIC])
def test_random_corruptions_match_in_distribution(images, statistics, corruption):
    if corruption == "frost" and frost_source() == "procedural":
        pytest.skip("the statistics are those of the photographs")
    clean = images.astype(np.float32)
    clean_deviation, clean_energy = clean.std(axis=(1, 2, 3)), laplacian_energy(clean)
    for severity in SEVERITIES:
        row = statistics[corruption, severity]
        found = corrupt(images, corruption, severity, 0).numpy().astype(np.float32)
        difference = found - clean
        size, signed = np.abs(difference).mean(axis=(1, 2, 3)), difference.mean(axis=(1, 2, 3))
        root = np.sqrt(np.square(difference).mean(axis=(1, 2, 3)))
        deviation, energy = (
            found.std(axis=(1, 2, 3)) / clean_deviation,
            laplacian_energy(found) / clean_energy,
        )
        figures = [size.mean(), root.mean(), np.median(deviation), np.median(energy)]
        expected = [float(row[name]) for name in COLUMNS]
        np.testing.assert_allclose(
            figures, expected, rtol=TOLERANCES.get(corruption, 0.03), err_msg=f"severity {severity}"
        )
        # One of five textures per image leaves the mean over 2,000 images of the reference
        # uncertain by its standard error.
        uncertain = 3 * signed.std() / np.sqrt(2000) if corruption == "frost" else 0.0
        assert signed.mean() == pytest.approx(
            float(row["mean_signed_difference"]), abs=0.5 + uncertain
        ), severity
        assert size.std() == pytest.approx(
            float(row["std_over_images_of_mean_abs_difference"]), rel=0.25
        ), severity
