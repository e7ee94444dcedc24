import contextlib

import pytest
import tensorflow as tf

from tf_varmixup.run import Agreement, Cluster, Recipe, agreement, shared_settings, wait_for_all

TWO = "a:1", "b:2"


@pytest.fixture(autouse=True)
def told(monkeypatch):
    monkeypatch.setattr(agreement, "sum_over_workers", lambda strategy, one: strategy.summed(one))


class Exchange:
    """A strategy of two workers, of which the other one says what it is told to."""

    def __init__(self, other, settings, reason):
        self.other, self.settings, self.reason = other, settings, reason
        self.tables = []

    def summed(self, table):
        if table.ndim == 0:  # a last wait
            return table
        self.tables.append(table)
        if len(self.tables) == 1:
            self._let_the_other_speak()
            return sum(self.tables)
        return table

    def _let_the_other_speak(self):
        with contextlib.suppress(ValueError), Agreement(self, self.other) as block:
            block.settings = self.settings
            if self.reason:
                raise ValueError(self.reason)


def agree(index, settings, other_settings, error=None, reason=""):
    exchange = Exchange(Cluster(TWO, 1 - index), other_settings, reason)
    with Agreement(exchange, Cluster(TWO, index)) as block:
        block.settings = settings
        if error is not None:
            raise error


@pytest.mark.parametrize("index", [0, 1])
def test_workers_of_the_same_settings_go_on(index):
    agree(index, {"seed": 0}, {"seed": 0})


@pytest.mark.parametrize("index", [0, 1])
def test_other_settings_are_refused(index):
    with pytest.raises(ValueError, match=r"Received: others on worker 1 than on worker 0\."):
        agree(index, {"seed": 0}, {"seed": 1})


@pytest.mark.parametrize("index", [0, 1])
def test_what_one_refuses_all_refuse(index):
    with pytest.raises(ValueError, match=rf"^Expected café\. \(worker {1 - index}\)$"):
        agree(index, {"seed": 0}, None, reason="Expected\n café.")


def test_its_own_reason_is_what_a_worker_says():
    with pytest.raises(OSError, match=r"^own$"):
        agree(0, None, {"seed": 0}, error=OSError("own"))


def test_what_is_no_refusal_is_not_told():
    exchange = Exchange(Cluster(TWO, 1), None, "")
    with pytest.raises(KeyboardInterrupt), Agreement(exchange, Cluster(TWO, 0)):
        raise KeyboardInterrupt
    assert not exchange.tables


def test_one_process_asks_nobody():
    with Agreement(tf.distribute.get_strategy(), Cluster()):
        pass
    wait_for_all(None, Cluster())


def test_paths_may_differ_and_data_may_not():
    resolved = Recipe("digits").resolved(1293, 359, False, "float32", "multi_worker")
    shared = shared_settings(resolved)
    assert not {"run_dir", "data_dir", "resume", "command", "vae", "corruption_dir"} & set(shared)
    assert {"seed", "data_digest", "vae_digest", "corruption_digest", "epochs"} <= set(shared)


class Alone:
    """A strategy whose other worker is gone."""

    def summed(self, table):
        raise tf.errors.UnavailableError(None, None, "gone")


def test_a_worker_that_is_not_there_is_a_line():
    with (
        pytest.raises(ValueError, match=r"Received: one that ended or cannot be reached\."),
        Agreement(Alone(), Cluster(TWO, 0)),
    ):
        pass


def test_a_reason_is_said_even_where_nobody_hears_it():
    with pytest.raises(ValueError, match=r"^own$"), Agreement(Alone(), Cluster(TWO, 0)):
        raise ValueError("own")
