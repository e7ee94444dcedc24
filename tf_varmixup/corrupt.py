"""Write a corrupted copy of a dataset's test images: `python -m tf_varmixup.corrupt --help`."""

from tf_varmixup.commands.corrupt import main

if __name__ == "__main__":
    main()
