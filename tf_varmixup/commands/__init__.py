"""The command lines of the library, as `python -m tf_varmixup.<command>` runs them."""
