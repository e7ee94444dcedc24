"""The 19 common corruptions at five severities.

A corruption is a name in `names`, a function in `noise`, `blur`, `weather` or `digital` that
`functions` lists, and constants for three image sizes in `constants_32`, `_64` and `_224`.
"""

from typing import TYPE_CHECKING

from tf_varmixup.corruptions.names import BENCHMARK, CORRUPTIONS, SEVERITIES, VALIDATION
from tf_varmixup.lazy import lazy_names

if TYPE_CHECKING:
    from tf_varmixup.corruptions.apply import corrupt
    from tf_varmixup.corruptions.benchmark import CorruptionBenchmark
    from tf_varmixup.corruptions.catalogue import constants_size
    from tf_varmixup.corruptions.cell import CorruptionCell
    from tf_varmixup.corruptions.frost import frost_source
    from tf_varmixup.corruptions.published import load_published, published_corruptions
    from tf_varmixup.corruptions.writing import write_benchmark
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "corrupt": "tf_varmixup.corruptions.apply",
            "CorruptionBenchmark": "tf_varmixup.corruptions.benchmark",
            "constants_size": "tf_varmixup.corruptions.catalogue",
            "CorruptionCell": "tf_varmixup.corruptions.cell",
            "frost_source": "tf_varmixup.corruptions.frost",
            "load_published": "tf_varmixup.corruptions.published",
            "published_corruptions": "tf_varmixup.corruptions.published",
            "write_benchmark": "tf_varmixup.corruptions.writing",
        },
    )

__all__ = [
    "BENCHMARK",
    "CORRUPTIONS",
    "SEVERITIES",
    "VALIDATION",
    "CorruptionBenchmark",
    "CorruptionCell",
    "constants_size",
    "corrupt",
    "frost_source",
    "load_published",
    "published_corruptions",
    "write_benchmark",
]
