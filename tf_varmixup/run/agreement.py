"""What the workers of a run must agree on before they begin."""

import contextlib
import hashlib
import json
import types
from typing import Any

import numpy as np
import tensorflow as tf

from tf_varmixup.run.cluster import Cluster
from tf_varmixup.run.recipe import COMMAND, PATH, ResolvedRecipe, roles
from tf_varmixup.workers import sum_over_workers

_LENGTH = 1000  # bytes of a reason
_DIGITS = 8  # bytes of a digest


class Agreement:
    """A block at whose end all workers go on, or all are refused for the reason that one was.

    Nothing in the block may wait for other workers. With one process it does nothing.

    Args:
        strategy: What distributes the run.
        cluster: Its processes.

    Attributes:
        settings: What must be the same on all workers, JSON values.

    Raises:
        ValueError: After the block, if another worker raised a ValueError or OSError in it, or has
            other settings.

    Example:
        >>> with Agreement(tf.distribute.get_strategy(), Cluster()) as agreement:
        ...     agreement.settings = {"seed": 0}
    """

    def __init__(self, strategy: tf.distribute.Strategy, cluster: Cluster) -> None:
        self.strategy, self.cluster = strategy, cluster
        self.settings: Any = None

    def __enter__(self) -> "Agreement":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: types.TracebackType | None,
    ) -> None:
        refused = isinstance(error, ValueError | OSError)
        if not self.cluster.several or (error is not None and not refused):
            return
        text = json.dumps(self.settings, sort_keys=True, default=str)
        digest = hashlib.sha256(text.encode()).digest()[:_DIGITS]
        reason = " ".join((str(error) or repr(error)).split()).encode() if refused else b""
        try:
            told = self._told(digest + reason[:_LENGTH])
        except tf.errors.OpError as lost:
            if refused:
                return
            raise ValueError(
                "Expected every worker to begin. Received: one that ended or cannot be reached."
            ) from lost
        if refused:
            return
        for worker, (other_digest, other_reason) in enumerate(told):
            if other_reason:
                raise ValueError(f"{other_reason} (worker {worker})")
            if other_digest != told[0][0]:
                raise ValueError(
                    "Expected every worker to have the same settings and data. Received: others on "
                    f"worker {worker} than on worker 0."
                )

    def _told(self, content: bytes) -> list[tuple[bytes, str]]:
        """Return the digests and reasons of all workers, in their order."""
        table = np.zeros((len(self.cluster.workers), _DIGITS + _LENGTH), "int32")
        table[self.cluster.index, : len(content)] = np.frombuffer(content, "uint8")
        summed = sum_over_workers(self.strategy, table)
        _leave_together(self.strategy)
        rows = [bytes(row.astype("uint8").tolist()) for row in summed]
        reasons = [row[_DIGITS:].rstrip(b"\0").decode(errors="replace") for row in rows]
        return [(row[:_DIGITS], reason) for row, reason in zip(rows, reasons, strict=True)]


def shared_settings(recipe: ResolvedRecipe) -> dict[str, Any]:
    """Return the settings that must be the same on all workers: all but paths and the command.

    Args:
        recipe: A `ResolvedRecipe`.

    Returns:
        A dict of JSON values.

    Example:
        >>> from tf_varmixup.run import Recipe
        >>> recipe = Recipe("digits").resolved(1293, 359, False, "float32", "multi_worker")
        >>> "seed" in shared_settings(recipe), "run_dir" in shared_settings(recipe)
        (True, False)
    """
    apart = {name for name, role in roles().items() if role in (PATH, COMMAND)}
    digests = {"data_digest", "vae_digest", "corruption_digest"}
    config = recipe.config()
    return {name: config[name] for name in config if name not in apart - digests}


def wait_for_all(strategy: tf.distribute.Strategy, cluster: Cluster) -> None:
    """Wait until every worker is here.

    Args:
        strategy: What distributes the run.
        cluster: Its processes.

    Raises:
        tf.errors.OpError: If one of them ended.
    """
    if cluster.several:
        sum_over_workers(strategy, np.array(1, "int32"))
        _leave_together(strategy)


def _leave_together(strategy: tf.distribute.Strategy) -> None:
    """Wait once more: a worker that ends at once may take along what another was yet to read."""
    with contextlib.suppress(tf.errors.OpError):
        sum_over_workers(strategy, np.array(1, "int32"))
