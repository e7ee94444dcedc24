import numpy as np
import pytest

from models import VariationalAutoencoder
from tf_varmixup.corruptions import CORRUPTIONS, SEVERITIES
from tf_varmixup.data import ImageData, Split
from tf_varmixup.report import run_figures

NAMES = (
    "reconstructions",
    "interpolations",
    "training_batch",
    "reliability",
    "corruptions",
    "learning_curves",
)


def draw(num_test_pictures, autoencoder):
    random = np.random.default_rng(0)
    split = Split(
        random.integers(0, 256, (num_test_pictures, 8, 8, 1), dtype="uint8"),
        np.arange(num_test_pictures) % 2,
    )
    images = ImageData("pictures", split, split.take(0), split, ("cat", "dog"), flip=True)
    batch = split.images[:, ...] / 255.0, np.eye(2)[split.labels]
    rows = [
        {
            "corruption": corruption,
            "severity": severity,
            "accuracy": 0.5,
            "error": 0.5,
            "ece": 0.1,
            "nll": 1.0,
        }
        for corruption in CORRUPTIONS
        for severity in SEVERITIES
    ]
    return run_figures(
        images,
        batch,
        autoencoder,
        random.normal(size=(num_test_pictures, 2)),
        2.0,
        rows,
        {"loss": [2.0, 1.0]},
    )


@pytest.mark.parametrize(("num_test_pictures", "num_pairs"), [(1, 1), (5, 2), (30, 5)])
def test_every_figure_of_a_run_is_drawn_however_few_the_pictures(num_test_pictures, num_pairs):
    figures = draw(
        num_test_pictures, VariationalAutoencoder((8, 8, 1), width=8, blocks=1, latent_size=2)
    )
    assert tuple(figures) == NAMES
    assert len(figures["reconstructions"].axes) == 2 * min(12, num_test_pictures)
    assert len(figures["interpolations"].axes) == 2 * 9 * num_pairs
    assert len(figures["training_batch"].axes) == min(24, num_test_pictures)


def test_a_run_without_an_autoencoder_has_no_latent_figures():
    assert tuple(draw(5, None)) == NAMES[2:]
