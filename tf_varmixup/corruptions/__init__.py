"""The 19 common corruptions at five severities."""

from tf_varmixup.corruptions.apply import corrupt as corrupt
from tf_varmixup.corruptions.catalogue import BENCHMARK as BENCHMARK
from tf_varmixup.corruptions.catalogue import CORRUPTIONS as CORRUPTIONS
from tf_varmixup.corruptions.catalogue import SEVERITIES as SEVERITIES
from tf_varmixup.corruptions.catalogue import VALIDATION as VALIDATION
from tf_varmixup.corruptions.catalogue import constants_size as constants_size
from tf_varmixup.corruptions.frost import frost_source as frost_source
from tf_varmixup.corruptions.published import load_published as load_published
from tf_varmixup.corruptions.published import published_corruptions as published_corruptions
