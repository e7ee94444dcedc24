import keras
import numpy as np
import pytest

from tf_varmixup.training import warmup_and_decay


@pytest.mark.parametrize("steps", [1, 2, 10, 200])
def test_the_rate_rises_for_a_tenth_and_falls_to_zero(steps):
    schedule = warmup_and_decay(0.4, steps)
    warmup = max(1, steps // 10)
    rates = np.array([float(schedule(step)) for step in range(steps + 1)])
    assert rates.argmax() == warmup
    assert rates.max() == pytest.approx(0.4)
    assert rates[0] == pytest.approx(0.04)
    assert (np.diff(rates[: warmup + 1]) > 0).all()
    assert (np.diff(rates[warmup:]) <= 0).all()
    if steps > 1:
        assert rates[-1] == pytest.approx(0.0, abs=1e-7)


def test_the_fall_is_a_cosine():
    schedule = warmup_and_decay(1.0, 100)
    for step in (10, 40, 73, 100):
        expected = 0.5 * (1 + np.cos(np.pi * (step - 10) / 90))
        assert float(schedule(step)) == pytest.approx(expected, abs=1e-6)


def test_a_schedule_is_saved_with_its_optimizer():
    schedule = warmup_and_decay(0.4, 100)
    again = type(schedule).from_config(schedule.get_config())
    assert float(again(33)) == float(schedule(33))
    keras.optimizers.SGD(schedule).get_config()
