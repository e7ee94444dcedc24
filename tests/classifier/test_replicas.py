import numpy as np

from tests.classifier.common import (
    Probe,
    TwoViews,
    assert_same_weights,
    fit,
    make,
)
from tf_varmixup import draws
from tf_varmixup.methods import EmpiricalRisk


def test_replicas_draw_apart(strategy):
    with strategy.scope():
        probe = Probe()
        model = make(probe, seed=2)
    fit(model, batch_size=8)
    run = draws.run_seed(2)
    expected = {
        tuple(draws.fold(run, step, replica).numpy().tolist())
        for step in (0, 1)
        for replica in (0, 1)
    }
    assert len(probe.seeds) == 4
    assert set(probe.seeds) == expected


def test_two_replicas_train_as_one(strategy):
    weights = np.linspace(0, 2, 16)
    single = make(EmpiricalRisk())
    expected = fit(single, batch_size=8, epochs=2, sample_weight=weights)
    with strategy.scope():
        mirrored = make(EmpiricalRisk())
    history = fit(mirrored, batch_size=8, epochs=2, sample_weight=weights)
    np.testing.assert_allclose(history["loss"], expected["loss"], rtol=1e-5)
    assert_same_weights(mirrored.backbone, single.backbone, atol=1e-5)


# What else holds on replicas is in test_harness_methods.py, for every method.
def test_a_penalty_is_scaled_for_replicas(strategy):
    single = make(TwoViews())
    expected = fit(single, batch_size=8, epochs=2)
    with strategy.scope():
        mirrored = make(TwoViews())
    history = fit(mirrored, batch_size=8, epochs=2)
    np.testing.assert_allclose(history["loss"], expected["loss"], rtol=1e-5)
    assert_same_weights(mirrored.backbone, single.backbone, atol=1e-5)
