"""Images that are decoded when they are asked for, and not kept in memory."""

from tf_varmixup.streaming.called_by_graphs import called_by_graph
from tf_varmixup.streaming.image_source import ImageSource
from tf_varmixup.streaming.streamed_images import SAMPLE_BYTES, StreamedImages
from tf_varmixup.streaming.unreadable import (
    UnreadableImageError,
    raising_unreadable,
    unreadable_reason,
)

__all__ = [
    "SAMPLE_BYTES",
    "ImageSource",
    "StreamedImages",
    "UnreadableImageError",
    "called_by_graph",
    "raising_unreadable",
    "unreadable_reason",
]
