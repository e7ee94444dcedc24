"""Read an image file as any viewer shows it."""

import contextlib
import functools
import os
import pathlib
from collections.abc import Iterator

import numpy as np
from PIL import ExifTags, Image, ImageOps

SUFFIXES = (
    *(".apng", ".avif", ".bmp", ".dib", ".gif", ".j2k", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg"),
    *(".pbm", ".pgm", ".png", ".pnm", ".ppm", ".tga", ".tif", ".tiff", ".webp"),
)
# Images as well, but none that can be read here: refused by name, not passed over.
UNREADABLE_SUFFIXES = (
    *(".arw", ".cr2", ".cr3", ".dng", ".eps", ".exr", ".hdr", ".heic", ".heif", ".ico", ".jxl"),
    *(".nef", ".orf", ".pcx", ".psd", ".rw2", ".svg"),
)
# Only what is decoded in this process; Pillow gives others, such as PostScript, to other programs.
_FORMATS = (
    *("JPEG", "PNG", "GIF", "BMP", "DIB", "WEBP", "TIFF", "PPM", "MPO", "JPEG2000", "AVIF", "TGA"),
)


def decode_image(file: str | os.PathLike[str]) -> np.ndarray:
    """Read an image file as `uint8` levels, in the orientation that its EXIF data say.

    Every color mode becomes gray or RGB. Transparent pixels are laid on white; of 16 bits the
    upper 8 are taken; of an animation or a file with several pages the first is read. Color
    profiles are not applied.

    Args:
        file: Path of an image file; its content counts, not its suffix.

    Returns:
        A `uint8` array `(H, W, 1)` of a gray image, else `(H, W, 3)`.

    Raises:
        ValueError: If the file is empty, broken, or no image in a format that can be read.

    Example:
        >>> import pathlib, tempfile
        >>> from PIL import Image
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = pathlib.Path(folder, "red.webp")
        ...     Image.new("RGBA", (12, 10), (255, 0, 0, 255)).save(file, lossless=True)
        ...     decode_image(file)[0, 0].tolist(), decode_image(file).shape
        ([255, 0, 0], (10, 12, 3))
    """
    with _opened(file) as image:
        image.load()
        return _levels(image)


def is_gray(file: str | os.PathLike[str]) -> bool:
    """Return whether `decode_image` gives an image one channel, by the head of its file alone.

    Args:
        file: Path of an image file.

    Returns:
        Whether it is gray.

    Raises:
        ValueError: If the file is empty, or no image in a format that can be read.

    Example:
        >>> import pathlib, tempfile
        >>> from PIL import Image
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = pathlib.Path(folder, "gray.png")
        ...     Image.new("LA", (12, 10)).save(file)
        ...     is_gray(file), decode_image(file).shape
        (True, (10, 12, 1))
    """
    with _opened(file) as image:
        return _is_gray(image)


@contextlib.contextmanager
def _opened(file: str | os.PathLike[str]) -> Iterator[Image.Image]:
    """Open an image file, and say in one line what is wrong with it."""
    file = pathlib.Path(file)
    try:
        if file.stat().st_size == 0:
            raise ValueError("it is empty")
        with Image.open(file, formats=_formats()) as image:
            yield image
    except Exception as error:  # Pillow's decoders raise whatever a broken file leads to
        if isinstance(error, Image.UnidentifiedImageError):
            reason = "its content is no image that can be read, or a broken one"
        else:
            lines = str(getattr(error, "strerror", None) or error).splitlines()
            reason = lines[0] if lines else type(error).__name__
        raise ValueError(
            f"Expected an image file that can be read. Received: {shown(file)} ({reason})."
        ) from error


def shown(path: str | os.PathLike[str]) -> str:
    """Return a path as text that can be printed, also where its name is no valid UTF-8.

    Args:
        path: A path.

    Returns:
        The path, bytes that are no UTF-8 as backslash escapes, on one line.

    Example:
        >>> shown("cats/1.png")
        'cats/1.png'
    """
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


@functools.cache
def _formats() -> tuple[str, ...]:
    Image.init()
    return tuple(name for name in _FORMATS if name in Image.OPEN)


def _levels(image: Image.Image) -> np.ndarray:
    kind = image.format
    orientation = 1
    with contextlib.suppress(Exception):  # broken EXIF data leave an image that is shown all right
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    if orientation in range(2, 9):
        image = ImageOps.exif_transpose(image)

    if image.mode == "F" or (image.mode == "I" and kind not in ("PNG", "PPM")):
        raise ValueError("its values have 32 bits and no common range; store it with 8 or 16 bits")
    if image.mode.startswith("I"):  # 16 bits
        values = np.asarray(image)
        levels = (values >> 8).astype(np.uint8)
        if "transparency" in image.info:
            levels[values == image.info["transparency"]] = 255
        return levels[..., None]
    gray = _is_gray(image, kind)
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")
    levels = np.asarray(image.convert("L" if gray else "RGB"))
    return levels[..., None] if gray else levels


def _is_gray(image: Image.Image, kind: str | None = None) -> bool:
    # A palette has colors, and Pillow gives a GIF another mode where they happen to be gray.
    gray = image.mode in ("1", "L", "LA", "La") or image.mode.startswith("I")
    return gray and (kind or image.format) != "GIF"
