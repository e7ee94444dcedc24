"""Classifiers in formats that need no code of this library."""

from tf_varmixup.export.conversion import ConversionError
from tf_varmixup.export.formats import export_formats
from tf_varmixup.export.litert import export_litert
from tf_varmixup.export.onnx import export_onnx
from tf_varmixup.export.saved_model import export_saved_model, read_metadata

__all__ = [
    "ConversionError",
    "export_formats",
    "export_litert",
    "export_onnx",
    "export_saved_model",
    "read_metadata",
]
