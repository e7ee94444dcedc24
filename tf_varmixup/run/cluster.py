"""The processes of a run: one, or the workers that TF_CONFIG names."""

import dataclasses
import json
import os
from typing import Any

_VARIABLE = "TF_CONFIG"
_EXAMPLE = (
    '{"cluster": {"worker": ["host0:2222", "host1:2222"]}, "task": {"type": "worker", "index": 0}}'
)


@dataclasses.dataclass(frozen=True)
class Cluster:
    """The processes that train one model together, and which of them this is.

    Args:
        workers: `host:port` of each; the first is the chief, which alone writes the run's folder.
        index: Of this process.

    Example:
        >>> Cluster().is_chief, Cluster().several
        (True, False)
        >>> Cluster(("host0:2222", "host1:2222"), 1).is_chief
        False
    """

    workers: tuple[str, ...] = ("localhost",)
    index: int = 0

    @property
    def is_chief(self) -> bool:
        """Whether this process writes the run's folder."""
        return self.index == 0

    @property
    def several(self) -> bool:
        """Whether there are other processes."""
        return len(self.workers) > 1


def read_cluster() -> Cluster:
    """Read the variable TF_CONFIG of the environment.

    It is what `tf.distribute` reads, and what Kubeflow, SageMaker and others set: JSON of the
    cluster, `host:port` of every worker by type, and of the task of this process. A task of type
    "chief" comes before those of type "worker".

    Returns:
        A `Cluster`.

    Raises:
        ValueError: If the variable is missing, no such JSON, or of tasks of other types.

    Example:
        >>> task = '{"type": "worker", "index": 0}'
        >>> os.environ["TF_CONFIG"] = f'{{"cluster": {{"worker": ["a:1"]}}, "task": {task}}}'
        >>> read_cluster().workers
        ('a:1',)
        >>> del os.environ["TF_CONFIG"]
    """
    text = os.environ.get(_VARIABLE, "")
    if not text:
        raise ValueError(_message("none", "to start every worker with it"))
    try:
        config = json.loads(text)
        cluster, task = config["cluster"], config["task"]
        workers = [(kind, n) for kind in ("chief", "worker") for n in range(_count(cluster, kind))]
        others = sorted(set(cluster) - {"chief", "worker"})
        index = workers.index((task["type"], int(task["index"])))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(_message(text, "in which the task is one of the cluster's")) from error
    if others or _count(cluster, "chief") > 1:
        raise ValueError(_message(text, "with tasks of type worker, and one chief at most"))
    return Cluster(tuple(cluster[kind][n] for kind, n in workers), index)


def _count(cluster: dict[str, Any], kind: str) -> int:
    addresses = cluster.get(kind, [])
    if not isinstance(addresses, list) or not all(isinstance(one, str) for one in addresses):
        raise TypeError(kind)
    return len(addresses)


def _message(received: str, what: str) -> str:
    return (
        f"Expected the environment variable {_VARIABLE} with strategy 'multi_worker', {what}, such "
        f"as {_EXAMPLE}. Received: {' '.join(received.split())[:300]}."
    )
