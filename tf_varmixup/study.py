"""Train and compare all runs of a study: `python -m tf_varmixup.study --help`."""

from tf_varmixup.commands.study import main

if __name__ == "__main__":
    main()
