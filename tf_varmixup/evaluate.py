"""Measure any classifier: `python -m tf_varmixup.evaluate --help`."""

from tf_varmixup.commands.evaluate import main

if __name__ == "__main__":
    main()
