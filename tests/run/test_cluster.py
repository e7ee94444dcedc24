import json

import pytest

from tf_varmixup.run import Cluster, read_cluster


def configured(monkeypatch, content):
    text = content if isinstance(content, str) else json.dumps(content)
    monkeypatch.setenv("TF_CONFIG", text)


def test_the_first_worker_is_the_chief(monkeypatch):
    cluster = {"worker": ["a:1", "b:2"]}
    for index in (0, 1):
        configured(monkeypatch, {"cluster": cluster, "task": {"type": "worker", "index": index}})
        assert read_cluster() == Cluster(("a:1", "b:2"), index)
        assert read_cluster().is_chief == (index == 0)
        assert read_cluster().several


def test_a_task_of_type_chief_comes_before_workers(monkeypatch):
    cluster = {"worker": ["b:2", "c:3"], "chief": ["a:1"]}
    for kind, index, place in (("chief", 0, 0), ("worker", 0, 1), ("worker", "1", 2)):
        configured(monkeypatch, {"cluster": cluster, "task": {"type": kind, "index": index}})
        assert read_cluster() == Cluster(("a:1", "b:2", "c:3"), place)


def test_one_process_is_a_chief_of_nobody():
    assert Cluster().is_chief
    assert not Cluster().several


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[1]",
        {"cluster": {"worker": ["a:1"]}},
        {"cluster": ["a:1"], "task": {"type": "worker", "index": 0}},
        {"cluster": None, "task": {"type": "worker", "index": 0}},
        '{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": Infinity}}',
        {"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 1}},
        {"cluster": {"worker": "a:1"}, "task": {"type": "worker", "index": 0}},
        {"cluster": {"worker": ["a:1"]}, "task": {"type": "ps", "index": 0}},
        {"cluster": {"worker": ["a:1"], "ps": ["b:1"]}, "task": {"type": "worker", "index": 0}},
        {"cluster": {"chief": ["a:1", "b:1"]}, "task": {"type": "chief", "index": 0}},
    ],
)
def test_anything_else_is_refused_in_one_line(monkeypatch, content):
    configured(monkeypatch, content)
    with pytest.raises(ValueError, match=r"Expected the environment variable TF_CONFIG") as refused:
        read_cluster()
    assert "\n" not in str(refused.value)
    assert "Received: " in str(refused.value)


def test_workers_without_a_cluster_are_refused(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    with pytest.raises(ValueError, match=r"Received: none\."):
        read_cluster()
