import json

import numpy as np
import pytest

from tf_varmixup.corruptions import BENCHMARK
from tf_varmixup.run import corruption_digest
from tf_varmixup.training import corruption_benchmark


@pytest.fixture
def folder(tmp_path, dataset):
    """Published images of three classes."""
    for name in BENCHMARK:
        np.save(tmp_path / f"{name}.npy", np.tile(dataset.test.images, (5, 1, 1, 1)))
    np.save(tmp_path / "labels.npy", dataset.test.labels)
    return tmp_path


def test_labels_and_origin_are_read_before_anything_long(folder, dataset, recipe):
    settings = recipe(corruption_dir=folder)
    assert len(corruption_benchmark(dataset, settings)) == 75
    (folder / "origin.json").write_text(json.dumps({"source": "regenerated"}))
    with pytest.raises(ValueError, match=r"origin\.json .*no constants, frost"):
        corruption_benchmark(dataset, settings)
    (folder / "origin.json").unlink()
    for label in (3, -1):
        np.save(folder / "labels.npy", np.full(9, label))
        with pytest.raises(ValueError, match=rf"labels\.npy of .*{label}"):
            corruption_benchmark(dataset, settings)


def test_other_published_images_are_noticed(folder, dataset, recipe):
    def digest(**settings):
        settings = recipe(corruption_dir=folder, **settings)
        return corruption_digest(corruption_benchmark(dataset, settings))

    before = digest()
    assert digest() == before
    images = np.load(folder / "fog.npy")
    images[20, 0, 0] ^= 1
    np.save(folder / "fog.npy", images)
    assert digest() != before
    assert corruption_digest(corruption_benchmark(dataset, recipe())) is None
