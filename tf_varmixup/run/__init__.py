"""A run from the outside: its recipe, its folder, its hardware, and runs beside each other."""

from typing import TYPE_CHECKING

from tf_varmixup.lazy import lazy_names

if TYPE_CHECKING:
    from tf_varmixup.run.agreement import Agreement, shared_settings, wait_for_all
    from tf_varmixup.run.cluster import Cluster, read_cluster
    from tf_varmixup.run.compared_row import ComparedRow
    from tf_varmixup.run.compared_runs import Comparison, compare_runs
    from tf_varmixup.run.comparison import differences, experiment, group_runs, same_experiment
    from tf_varmixup.run.digests import (
        corruption_digest,
        data_digest,
        images_digest,
        weights_digest,
    )
    from tf_varmixup.run.finished_run import FinishedRun, read_run
    from tf_varmixup.run.folder import RunFolder
    from tf_varmixup.run.hardware import (
        distribution_strategy,
        dtype_policy,
        environment,
        resolve_precision,
        resolve_strategy,
    )
    from tf_varmixup.run.presets import PRESETS
    from tf_varmixup.run.recipe import Recipe

__all__ = [
    "PRESETS",
    "Agreement",
    "Cluster",
    "ComparedRow",
    "Comparison",
    "FinishedRun",
    "Recipe",
    "RunFolder",
    "compare_runs",
    "corruption_digest",
    "data_digest",
    "differences",
    "distribution_strategy",
    "dtype_policy",
    "environment",
    "experiment",
    "group_runs",
    "images_digest",
    "read_cluster",
    "read_run",
    "resolve_precision",
    "resolve_strategy",
    "same_experiment",
    "shared_settings",
    "wait_for_all",
    "weights_digest",
]

_HOMES = {
    "agreement": ["Agreement", "shared_settings", "wait_for_all"],
    "cluster": ["Cluster", "read_cluster"],
    "compared_runs": ["Comparison", "compare_runs"],
    "compared_row": ["ComparedRow"],
    "comparison": ["differences", "experiment", "group_runs", "same_experiment"],
    "digests": ["corruption_digest", "data_digest", "images_digest", "weights_digest"],
    "finished_run": ["FinishedRun", "read_run"],
    "folder": ["RunFolder"],
    "hardware": [
        "distribution_strategy",
        "dtype_policy",
        "environment",
        "resolve_precision",
        "resolve_strategy",
    ],
    "presets": ["PRESETS"],
    "recipe": ["Recipe"],
}

__getattr__, __dir__ = lazy_names(
    __name__, {name: f"{__name__}.{home}" for home, names in _HOMES.items() for name in names}
)
