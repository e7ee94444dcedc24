"""AugMix's operations beside Pillow's, to the last bit."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image, ImageEnhance, ImageOps

from tf_varmixup import augmentations
from tf_varmixup.augmentations import OPERATION_SETS
from tf_varmixup.augmentations.by_kind import apply_by_kind

LEVELS = [0.0, 0.37, 1.0, 2.5, 2.9, 5.0, 8.0, 9.9]
SIGNED = ("rotate", "shear_x", "shear_y", "translate_x", "translate_y")
# Without a level.
PLAIN = ("autocontrast", "equalize")


def pillow(image, name, level, sign):
    """Return what Pillow makes of one image, by the formulas of the authors' code."""
    width, height = image.size

    def affine(*coefficients):
        return image.transform(image.size, Image.AFFINE, coefficients, Image.BILINEAR)

    def enhanced(kind):
        return kind(image).enhance(level * 1.8 / 10 + 0.1)

    operations = {
        "autocontrast": lambda: ImageOps.autocontrast(image),
        "equalize": lambda: ImageOps.equalize(image),
        "posterize": lambda: ImageOps.posterize(image, 4 - int(level * 4 / 10)),
        "rotate": lambda: image.rotate(sign * int(level * 30 / 10), Image.BILINEAR),
        "solarize": lambda: ImageOps.solarize(image, 256 - int(level * 256 / 10)),
        "shear_x": lambda: affine(1, sign * level * 0.3 / 10, 0, 0, 1, 0),
        "shear_y": lambda: affine(1, 0, 0, sign * level * 0.3 / 10, 1, 0),
        "translate_x": lambda: affine(1, 0, sign * int(level * (width / 3) / 10), 0, 1, 0),
        "translate_y": lambda: affine(1, 0, 0, 0, 1, sign * int(level * (height / 3) / 10)),
        "color": lambda: enhanced(ImageEnhance.Color),
        "contrast": lambda: enhanced(ImageEnhance.Contrast),
        "brightness": lambda: enhanced(ImageEnhance.Brightness),
        "sharpness": lambda: enhanced(ImageEnhance.Sharpness),
    }
    return np.asarray(operations[name]())


def images_of(shape):
    """Return images of few and many values, dark and bright, whose first has one value alone."""
    rng, count = np.random.default_rng(sum(shape)), len(LEVELS)
    coarse = rng.integers(0, 256, (count, 4, 4, shape[2])) * rng.uniform(0.3, 1, (count, 1, 1, 1))
    smooth = tf.image.resize(coarse, shape[:2], "bicubic").numpy()
    images = np.clip(smooth + rng.normal(0, 12, smooth.shape), 0, 255).astype("uint8")
    images[0] = 77
    return images


def operate(name, images, levels, signs):
    arguments = () if name in PLAIN else (levels, signs) if name in SIGNED else (levels,)
    return getattr(augmentations, name)(images, *arguments).numpy()


@pytest.mark.parametrize("name", OPERATION_SETS["all"])
@pytest.mark.parametrize("shape", [(32, 32, 3), (28, 28, 1), (9, 14, 3), (2, 5, 1)], ids=str)
def test_equal_to_pillow(name, shape):
    images = images_of(shape)
    signs = np.where(np.arange(len(images)) % 2, -1, 1)
    found = operate(name, images, LEVELS, signs)
    assert found.dtype == np.uint8
    for image, one, level, sign in zip(images, found, LEVELS, signs, strict=True):
        expected = pillow(
            Image.fromarray(image.squeeze(-1) if shape[2] == 1 else image), name, level, sign
        )
        np.testing.assert_array_equal(one, expected.reshape(shape), err_msg=f"level {level}")


@pytest.mark.parametrize("name", OPERATION_SETS["all"])
def test_equal_to_the_authors_code(name, shared):
    with np.load(shared / "method_reference" / "augmix_ops.npz") as reference:
        images, levels = reference["clean"], reference["levels"]
        expected = {
            sign: reference[name + suffix]
            for sign, suffix in ([(1, "_pos"), (-1, "_neg")] if name in SIGNED else [(1, "")])
        }
    for sign, batches in expected.items():
        for level, batch in zip(levels, batches, strict=False):
            np.testing.assert_array_equal(operate(name, images, level, sign), batch)


def test_the_same_under_xla():
    """Those in which XLA would make one instruction of a product and a sum."""
    images = images_of((32, 32, 3))
    signs = tf.constant([1.0, -1.0] * 4, tf.float64)
    names = ("autocontrast", "shear_x", "rotate", "brightness")

    def operated(images):
        known = OPERATION_SETS["all"]
        return tf.stack([known[name](images, LEVELS, signs) for name in names])

    compiled = tf.function(operated, jit_compile=True)
    np.testing.assert_array_equal(compiled(tf.constant(images)), operated(images))


def test_what_an_image_is_does_not_hang_on_its_type():
    images = images_of((8, 8, 3))
    for dtype in ("float32", "float64", "float16"):
        np.testing.assert_array_equal(
            augmentations.equalize(images.astype(dtype)), augmentations.equalize(images)
        )


def test_all_bits_lost_is_black():
    assert np.max(augmentations.posterize(images_of((8, 8, 3)), 10)) == 0


def test_bad_arguments_are_named():
    images = images_of((8, 8, 3))
    with pytest.raises(ValueError, match="Expected level to be a number or"):
        augmentations.rotate(images, [[1.0]])
    with pytest.raises(ValueError, match="Add the channel axis"):
        augmentations.equalize(images[..., 0])


@pytest.mark.parametrize(
    ("count", "jit_compile"), [(0, False), (1, False), (7, False), (20, False), (7, True)]
)
def test_each_kind_gets_its_function(count, jit_compile):
    rng = np.random.default_rng(count)
    images = rng.integers(0, 256, (count, 2, 3, 1)).astype("uint8")
    kinds, numbers = rng.integers(-1, 4, count).astype("int32"), np.arange(count, dtype="float64")
    functions = [
        lambda some, numbers: some + 1,
        lambda some, numbers: 255 - some,
        lambda some, numbers: some * tf.cast(numbers, tf.uint8)[:, None, None, None],
    ]

    def apply(images, kinds, numbers):
        return apply_by_kind(functions, kinds, images, numbers, at_once=4)

    expected = images.copy()
    expected[kinds == 0] += 1
    expected[kinds == 1] = 255 - images[kinds == 1]
    expected[kinds == 2] = (images * numbers.astype("uint8")[:, None, None, None])[kinds == 2]
    arguments = tf.constant(images), tf.constant(kinds), tf.constant(numbers)
    if jit_compile:
        apply = tf.function(apply, jit_compile=True)
    np.testing.assert_array_equal(apply(*arguments), expected)
