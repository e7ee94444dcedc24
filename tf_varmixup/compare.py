"""Compare finished runs in tables: `python -m tf_varmixup.compare --help`."""

from tf_varmixup.commands.compare import main

if __name__ == "__main__":
    main()
