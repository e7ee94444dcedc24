"""The former name of `python -m tf_varmixup.corrupt`."""

from tf_varmixup.commands.corrupt import main

if __name__ == "__main__":
    main()
