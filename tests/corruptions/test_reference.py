"""Against pictures and statistics made with the authors' own code."""

import csv

import numpy as np
import pytest
import tensorflow_datasets as tfds

from tf_varmixup.corruptions import CORRUPTIONS, SEVERITIES, corrupt, frost_source

DETERMINISTIC = ("defocus_blur", "gaussian_blur", "zoom_blur", "brightness", "saturate", "contrast", "pixelate", "jpeg_compression")
REFERENCE_PICTURES = 2000


@pytest.fixture(scope="module")
def examples(shared):
    with np.load(shared / "corruption_reference" / "examples.npz") as archive:
        return {name: archive[name] for name in archive.files}


@pytest.fixture(scope="module")
def statistics(shared):
    with open(shared / "corruption_reference" / "statistics.csv", newline="") as file:
        return {(row["corruption"], int(row["severity"])): row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def pictures(tfds_dir):
    data = tfds.load("cifar10", split="test[:300]", data_dir=tfds_dir, batch_size=-1)
    return data["image"].numpy()


@pytest.mark.parametrize("corruption", DETERMINISTIC)
def test_deterministic_corruptions_match_picture_by_picture(examples, corruption):
    for severity in SEVERITIES:
        found = corrupt(examples["clean"], corruption, severity, 0).numpy()
        difference = np.abs(found.astype(int) - examples[corruption][severity - 1])
        assert difference.mean() <= 0.1, severity
        assert (difference <= 1).mean() >= 0.999, severity


@pytest.mark.parametrize("corruption", [name for name in CORRUPTIONS if name not in DETERMINISTIC])
def test_random_corruptions_match_in_distribution(pictures, statistics, corruption):
    if corruption == "frost" and frost_source() == "procedural":
        pytest.skip("the statistics are those of the photographs")
    clean = pictures.astype(np.float64)
    for severity in SEVERITIES:
        row = statistics[corruption, severity]
        found = corrupt(pictures, corruption, severity, 0).numpy().astype(np.float64)
        difference = found - clean
        size = np.abs(difference).mean(axis=(1, 2, 3))
        root = np.sqrt((difference**2).mean(axis=(1, 2, 3)))
        signed = difference.mean(axis=(1, 2, 3))
        # Two samples of different pictures: four standard errors of the difference of their means, and 1 % besides.
        error = 4 * np.sqrt(1 / len(clean) + 1 / REFERENCE_PICTURES)
        spread = float(row["std_over_images_of_mean_abs_difference"])
        assert size.mean() == pytest.approx(float(row["mean_abs_difference"]), rel=0.01, abs=error * spread), severity
        assert size.std() == pytest.approx(spread, rel=0.25), severity
        assert root.mean() == pytest.approx(float(row["rms_difference"]), rel=0.01, abs=error * root.std()), severity
        assert signed.mean() == pytest.approx(float(row["mean_signed_difference"]), abs=0.2 + error * signed.std()), severity
        ratio = np.median(found.std(axis=(1, 2, 3)) / clean.std(axis=(1, 2, 3)))
        assert ratio == pytest.approx(float(row["median_std_ratio"]), rel=0.05), severity
