"""One line about what came out of each stage."""

import numpy as np
import pytest

from tf_varmixup.commands import outcomes
from tf_varmixup.data import Dataset, Split


def test_of_data():
    split = Split(np.zeros((1200, 8, 8, 1), "uint8"), np.zeros(1200, "int64"))
    notes = ("3 files were passed over.",)
    dataset = Dataset("mine", split, split.take(30), split.take(7), ("a", "b"), True, notes)
    line = outcomes.of_data(dataset)
    assert line.startswith(
        "mine: 1,200 training, 30 validation and 7 test, 8 x 8 x 1, 2 classes. "
        "3 files were passed over. "
    )
    assert "mirror" in line  # what is done with the images is said beside them
    assert not line.endswith(".")


def test_of_the_stages():
    assert outcomes.of_autoencoder(
        {"psnr": 20.126, "elbo": -1026.4, "kl": 11.2, "active_units": 32.0}
    ) == ("PSNR 20.13 dB, ELBO -1026 and KL 11 nats per image, 32 active units")
    curves = {"val_accuracy": [0.1, 0.25], "val_ece": [0.9, 0.125]}
    assert (
        outcomes.of_classifier("mixup", curves) == "mixup: validation accuracy 25.00%, ECE 12.50%"
    )
    metrics = {"clean": {"accuracy": 0.5}, "corrupted": {"accuracy": 0.25}, "temperature": 1.5}
    assert (
        outcomes.of_evaluation(metrics)
        == "accuracy 50.00% clean, 25.00% corrupted; temperature 1.500"
    )


@pytest.mark.parametrize(
    ("origin", "words"),
    [
        ({"source": "published"}, "published ones, read from --corruption_dir"),
        (
            {"source": "regenerated", "constants": "CIFAR-10-C", "frost": "generated"},
            "regenerated with the constants of CIFAR-10-C, not published ones; frost: generated",
        ),
        (
            {"source": "regenerated", "constants": "ImageNet-C"},
            "regenerated with the constants of ImageNet-C, not published ones. Each",
        ),
    ],
    ids=["published", "regenerated", "without_frost"],
)
def test_the_origin_of_the_corrupted_images_is_said(origin, words):
    first, second = outcomes.notes({**origin, "pictures": 1000})
    assert words in first
    assert "the first 1,000 test images" in first
    assert "Nothing was chosen on the test images" in second
