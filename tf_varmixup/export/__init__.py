"""Classifiers in formats that need no code of this library."""

from tf_varmixup.export.saved_model import export_saved_model

__all__ = ["export_saved_model"]
