"""Classify image files: `python -m tf_varmixup.predict --help`."""

from tf_varmixup.commands.predict import main

if __name__ == "__main__":
    main()
