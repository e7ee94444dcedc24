import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from tf_varmixup.data.decode import decode_image, is_gray, shown

GRAY = (np.arange(20, dtype=np.uint8) * 12).reshape(4, 5)
COLOR = np.random.default_rng(0).integers(0, 256, (4, 5, 3), dtype=np.uint8)


def saved(tmp_path, image, name="image.png", **options):
    """Save and read an image; the head of each file says as much as the whole of its channels."""
    image.save(tmp_path / name, **options)
    read = decode_image(tmp_path / name)
    assert is_gray(tmp_path / name) == (read.shape[2] == 1)
    return read


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.webp", "a.bmp", "a.ppm", "a.tga", "a.jp2"])
def test_color_comes_as_it_is(tmp_path, name):
    options = {"lossless": True} if name == "a.webp" else {}
    read = saved(tmp_path, Image.fromarray(COLOR), name, **options)
    np.testing.assert_array_equal(read, COLOR)


@pytest.mark.parametrize("name", ["a.png", "a.tiff", "a.bmp", "a.pgm"])
def test_gray_has_one_channel(tmp_path, name):
    np.testing.assert_array_equal(saved(tmp_path, Image.fromarray(GRAY), name)[..., 0], GRAY)


def test_one_bit(tmp_path):
    read = saved(tmp_path, Image.fromarray(GRAY > 100))
    np.testing.assert_array_equal(read[..., 0], np.where(GRAY > 100, 255, 0))


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.pgm"])
def test_sixteen_bits_give_their_upper_eight(tmp_path, name):
    values = GRAY.astype(np.uint16) * 256 + 7
    read = saved(tmp_path, Image.fromarray(values), name)
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read[..., 0], GRAY)


def chunk(kind, content):
    data = kind + content
    return struct.pack(">I", len(content)) + data + struct.pack(">I", zlib.crc32(data))


def test_sixteen_bit_color(tmp_path):
    """Pillow cannot write it, so that the file is written by hand."""
    values = (COLOR.astype(np.uint16) * 256 + 9).astype(">u2").tobytes()
    rows = b"".join(b"\0" + values[30 * row : 30 * row + 30] for row in range(4))
    header = struct.pack(">IIBBBBB", 5, 4, 16, 2, 0, 0, 0)
    content = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + content)
    np.testing.assert_array_equal(decode_image(tmp_path / "a.png"), COLOR)


def on_white(levels, alpha):
    share = alpha[..., None] / 255
    return levels * share + 255 * (1 - share)


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.webp"])
def test_transparency_lies_on_white(tmp_path, name):
    alpha = GRAY
    options = {"lossless": True, "exact": True} if name == "a.webp" else {}
    read = saved(tmp_path, Image.fromarray(np.dstack([COLOR, alpha])), name, **options)
    assert abs(read - on_white(COLOR.astype(float), alpha)).max() <= 1


def test_gray_with_transparency_stays_gray(tmp_path):
    alpha = GRAY[::-1]
    read = saved(tmp_path, Image.fromarray(np.dstack([GRAY, alpha]), "LA"))
    assert read.shape == (4, 5, 1)
    assert abs(read - on_white(GRAY[..., None].astype(float), alpha)).max() <= 1


@pytest.mark.parametrize("name", ["a.png", "a.gif"])
def test_palettes_with_and_without_transparency(tmp_path, name):
    image = Image.new("P", (5, 4))
    image.putpalette([255, 0, 0, 0, 0, 255, 10, 20, 30] + [0] * 759)
    image.putdata([number % 3 for number in range(20)])
    colors = np.array([[255, 0, 0], [0, 0, 255], [10, 20, 30]])
    expected = colors[np.arange(20).reshape(4, 5) % 3]
    np.testing.assert_array_equal(saved(tmp_path, image, name), expected)
    expected[np.arange(20).reshape(4, 5) % 3 == 1] = 255
    np.testing.assert_array_equal(saved(tmp_path, image, name, transparency=1), expected)


def test_a_transparent_color(tmp_path):
    read = saved(tmp_path, Image.fromarray(COLOR), transparency=tuple(map(int, COLOR[1, 2])))
    expected = COLOR.copy()
    expected[1, 2] = 255
    np.testing.assert_array_equal(read, expected)
    read = saved(tmp_path, Image.fromarray(GRAY), transparency=int(GRAY[1, 2]))
    assert read.shape == (4, 5, 1)
    assert read[1, 2] == 255
    assert read[1, 3] == GRAY[1, 3]


@pytest.mark.parametrize("name", ["a.jpg", "a.tif"])
def test_cmyk(tmp_path, name):
    image = Image.new("CMYK", (16, 16), (255, 0, 255, 0))  # cyan and yellow make green
    read = saved(tmp_path, image, name)
    assert read.shape == (16, 16, 3)
    assert abs(read.astype(int) - [0, 255, 0]).max() <= 2


# What EXIF's orientation says about where row 0 and column 0 of the stored image are shown.
ORIENTATIONS = {
    1: lambda stored: stored,
    2: np.fliplr,
    3: lambda stored: np.rot90(stored, 2),
    4: np.flipud,
    5: lambda stored: stored.swapaxes(0, 1),
    6: lambda stored: np.rot90(stored, -1),
    7: lambda stored: np.rot90(stored, 2).swapaxes(0, 1),
    8: lambda stored: np.rot90(stored, 1),
}


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.tif"])
def test_orientation(tmp_path, name, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if name == "a.webp" else {}
    read = saved(tmp_path, Image.fromarray(COLOR), name, exif=exif, **options)
    np.testing.assert_array_equal(read, ORIENTATIONS[orientation](COLOR))


def test_orientation_of_a_camera(tmp_path):
    """A JPEG whose upper half is white, taken with the camera on its side."""
    stored = np.zeros((16, 32, 3), np.uint8)
    stored[:8] = 255
    exif = Image.Exif()
    exif[0x0112] = 6
    read = saved(tmp_path, Image.fromarray(stored), "a.jpg", exif=exif)
    assert read.shape == (32, 16, 3)
    assert read[:, 8:].min() > 200
    assert read[:, :8].max() < 50


def test_broken_exif_is_ignored(tmp_path):
    read = saved(tmp_path, Image.fromarray(COLOR), exif=b"Exif\0\0II*\0\xff\xff\xff\xff\0")
    np.testing.assert_array_equal(read, COLOR)


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.png", "a.tif"])
def test_first_of_several_frames(tmp_path, name):
    frames = [Image.new("RGB", (9, 8), (level, level, 0)) for level in (40, 200)]
    options = {"lossless": True} if name == "a.webp" else {}
    read = saved(tmp_path, frames[0], name, save_all=True, append_images=frames[1:], **options)
    assert (read == [40, 40, 0]).all()


def test_content_counts_and_not_the_suffix(tmp_path):
    read = saved(tmp_path, Image.fromarray(COLOR), "a.jpg", format="png")
    np.testing.assert_array_equal(read, COLOR)


def cut(tmp_path):
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)).save(
        tmp_path / "cut.png"
    )
    return (tmp_path / "cut.png").read_bytes()[:3000]


BROKEN = {
    "empty": lambda _: b"",
    "text": lambda _: b"not an image",
    "half": cut,
    "postscript": lambda _: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\nshowpage\n",
    "zeros": lambda _: bytes(100),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_files_are_named_in_one_line(tmp_path, kind):
    (tmp_path / "bad.png").write_bytes(BROKEN[kind](tmp_path))
    with pytest.raises(
        ValueError, match=r"file that can be read\. Received: .*bad\.png \("
    ) as error:
        decode_image(tmp_path / "bad.png")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("dtype", ["float32", "int32"])
def test_thirty_two_bits_are_refused_by_name(tmp_path, dtype):
    Image.fromarray(GRAY.astype(dtype)).save(tmp_path / "deep.tif")
    with pytest.raises(ValueError, match=r"deep\.tif \(its values have 32 bits"):
        decode_image(tmp_path / "deep.tif")


def test_decompression_bombs_are_refused_by_name(tmp_path, monkeypatch):
    Image.new("1", (2000, 2000)).save(tmp_path / "bomb.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1_000_000)
    with pytest.raises(ValueError, match=r"bomb\.png \(Image size \(4000000 pixels\) exceeds"):
        decode_image(tmp_path / "bomb.png")


def test_missing_file(tmp_path):
    with pytest.raises(ValueError, match=r"gone\.png \(No such file or directory\)"):
        decode_image(tmp_path / "gone.png")


def test_names_that_cannot_be_printed():
    assert shown("é/1.png") == "é/1.png"
    assert shown(b"a\xff/1.png".decode("utf-8", "surrogateescape")) == r"a\xff/1.png"
    assert shown("a\nb") == r"a\nb"
