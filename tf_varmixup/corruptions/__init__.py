"""The 19 common corruptions at five severities."""

from tf_varmixup.corruptions.apply import corrupt
from tf_varmixup.corruptions.catalogue import BENCHMARK, CORRUPTIONS, SEVERITIES, VALIDATION, constants_size
from tf_varmixup.corruptions.frost import frost_source
from tf_varmixup.corruptions.published import load_published, published_corruptions

__all__ = [
    "BENCHMARK",
    "CORRUPTIONS",
    "SEVERITIES",
    "VALIDATION",
    "constants_size",
    "corrupt",
    "frost_source",
    "load_published",
    "published_corruptions",
]
