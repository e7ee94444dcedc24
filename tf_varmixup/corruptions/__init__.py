"""The 19 common corruptions at five severities."""

from tf_varmixup.corruptions.apply import corrupt
from tf_varmixup.corruptions.benchmark import CorruptionBenchmark
from tf_varmixup.corruptions.catalogue import (
    BENCHMARK,
    CORRUPTIONS,
    SEVERITIES,
    VALIDATION,
    constants_size,
)
from tf_varmixup.corruptions.cell import CorruptionCell
from tf_varmixup.corruptions.frost import frost_source
from tf_varmixup.corruptions.published import load_published, published_corruptions
from tf_varmixup.corruptions.writing import write_benchmark

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
