import csv

import keras
import numpy as np
import pytest

from tf_varmixup import Muon
from tf_varmixup.methods import Mixup
from tf_varmixup.run import RunFolder, distribution_strategy
from tf_varmixup.training import make_classifier, train_classifier
from tf_varmixup.training.classifier_stage import KERNEL_RATE

pytestmark = pytest.mark.usefixtures("tiny_classifier")

COLUMNS = {"epoch", "loss", "accuracy", "val_loss", "val_accuracy", "val_ece"}


def weights_of(model):
    return [weight.copy() for weight in model.get_weights()]


def assert_equal(one, other):
    for first, second in zip(one, other, strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-5, atol=1e-6)


def test_a_classifier_is_made_as_the_recipe_says(recipe, dataset):
    settings = recipe(learning_rate=0.64, weight_decay=0.01, batch_size=8, seed=4)
    method = Mixup()
    classifier = make_classifier(method, dataset, settings)
    assert classifier.method is method
    assert classifier.seed == 4
    assert classifier.backbone.output_shape == (None, 3)
    optimizer = classifier.optimizer
    assert (optimizer.momentum, optimizer.nesterov, optimizer.weight_decay) == (0.9, True, 0.01)
    rates = [float(optimizer._learning_rate(step)) for step in range(7)]  # 2 epochs of 3 steps
    assert max(rates) == pytest.approx(0.64 * 8 / 256)
    assert rates[-1] == pytest.approx(0.0, abs=1e-9)
    in_pipeline = make_classifier(method, dataset, recipe(mix_in="data"))
    assert in_pipeline.method is None


@pytest.mark.slow
def test_a_classifier_is_trained_saved_and_never_trained_again(recipe, dataset, tmp_path):
    strategy = distribution_strategy("none")
    trained = {}
    for mix_in in ("step", "data"):
        keras.utils.set_random_seed(1)
        run = RunFolder(tmp_path / mix_in, {}, resume=False)
        settings = recipe(mix_in=mix_in)
        classifier = train_classifier(Mixup(), dataset, settings, run, strategy)
        assert int(classifier.step) == 6
        trained[mix_in] = weights_of(classifier.backbone)
        with open(run / "history.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        assert [row["epoch"] for row in rows] == ["0", "1"]
        assert rows[0].keys() >= COLUMNS | {"corrupted_accuracy"}
        keras.utils.set_random_seed(9)
        again = train_classifier(Mixup(), dataset, settings, run, strategy)
        assert_equal(weights_of(again.backbone), trained[mix_in])
        assert len((run / "history.csv").read_text().splitlines()) == 3
    # Batches that are mixed in the tf.data graph are those that are mixed in the step.
    assert_equal(trained["step"], trained["data"])


def test_muon_trains_convolutions_at_a_rate_that_follows_the_others(recipe, dataset):
    settings = recipe(optimizer="muon", learning_rate=0.64, weight_decay=0.01, batch_size=8)
    optimizer = make_classifier(Mixup(), dataset, settings).optimizer
    assert isinstance(optimizer, Muon)
    assert (optimizer.momentum, optimizer.nesterov, optimizer.weight_decay) == (0.9, True, 0.01)
    assert optimizer.kernel_rate == KERNEL_RATE
    rates = [float(optimizer._learning_rate(step)) for step in range(7)]
    assert max(rates) == pytest.approx(0.64 * 8 / 256)


def test_muon_refuses_a_network_without_normalization(recipe, dataset, monkeypatch):
    def build(image_shape, num_classes):
        layers = [keras.layers.Conv2D(16, 4), keras.layers.Flatten()]
        return keras.Sequential([keras.Input(image_shape), *layers, keras.layers.Dense(3)])

    monkeypatch.setattr("models.classifier_builder", lambda *_: build)
    with pytest.raises(ValueError, match=r"Expected a normalization.*Received: .*offsets"):
        make_classifier(Mixup(), dataset, recipe(optimizer="muon"))
    make_classifier(Mixup(), dataset, recipe(optimizer="sgd"))
