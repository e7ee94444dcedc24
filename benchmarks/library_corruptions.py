"""The 19 corruptions one picture at a time with SciPy, scikit-image, OpenCV and Pillow, the way the
benchmark's authors make them.

What `tf_varmixup.corruptions` is compared with: its speed by `benchmarks/corruptions.py`, its
    pictures by the tests. Each corruption is a
function `(image, constants, *draws) -> levels`: a picture `uint8 (H, W, 3)` in, levels of 0 to 255
out, not yet clipped and truncated. Its draws come from the function of the same name in `DRAWS`, so
that a test can put in those of the other implementation.

ImageMagick's motion blur is written with NumPy here: one-sided Gaussian weights, each read at the
    nearest whole pixel.
"""

import io

import cv2
import numpy as np
from PIL import Image
from scipy import ndimage
from skimage import color, filters, util

FUNCTIONS, DRAWS = {}, {}


def _corruption(draw=None):
    def register(function):
        FUNCTIONS[function.__name__] = function
        DRAWS[function.__name__] = draw or (lambda generator, shape, constants: ())
        return function

    return register


def corrupt(image, corruption, constants, generator):
    """Corrupt one picture `uint8 (H, W, 3)` by draws from a `np.random.RandomState`, the kind of
    the authors; returns `uint8`."""
    draws = DRAWS[corruption](generator, image.shape, constants)
    return to_levels(FUNCTIONS[corruption](image, constants, *draws))


def to_levels(levels):
    """Clip to 0 ... 255 and truncate, as the benchmark does."""
    return np.clip(levels, 0, 255).astype(np.uint8)


# Noise


@_corruption(lambda generator, shape, _: (generator.normal(size=shape),))
def gaussian_noise(image, sigma, noise):
    return (image / 255.0 + sigma * noise) * 255


@_corruption(lambda generator, shape, _: (generator,))
def shot_noise(image, count, generator):
    return generator.poisson(image / 255.0 * count) / count * 255


@_corruption(lambda generator, shape, _: (generator,))
def impulse_noise(image, amount, generator):
    return (
        util.random_noise(
            image / 255.0,
            mode="s&p",
            rng=np.random.default_rng(generator.randint(2**31)),
            amount=amount,
        )
        * 255
    )


@_corruption(lambda generator, shape, _: (generator.normal(size=shape),))
def speckle_noise(image, sigma, noise):
    return image * (1 + sigma * noise)


# Blur


@_corruption()
def gaussian_blur(image, sigma):
    return filters.gaussian(image / 255.0, sigma=sigma, channel_axis=-1) * 255


@_corruption()
def defocus_blur(image, constants):
    radius, alias_sigma = constants
    extent = np.arange(-8, 9) if radius <= 8 else np.arange(-radius, radius + 1)
    disk = np.float32(extent**2 + extent[:, None] ** 2 <= radius**2)
    kernel = cv2.GaussianBlur(
        disk / disk.sum(), (3, 3) if radius <= 8 else (5, 5), sigmaX=alias_sigma
    )
    return (
        np.stack(
            [cv2.filter2D(image[..., channel] / 255.0, -1, kernel) for channel in range(3)], axis=-1
        )
        * 255
    )


def _glass_offsets(generator, shape, constants):
    _, reach, passes = constants
    return (generator.randint(-reach, reach, (2, passes, *shape[:2])),)


@_corruption(_glass_offsets)
def glass_blur(image, constants, offsets):
    sigma, reach, passes = constants
    height, width, _ = image.shape
    picture = to_levels(filters.gaussian(image / 255.0, sigma=sigma, channel_axis=-1) * 255)
    for step in range(passes):
        for row in range(height - reach, reach, -1):
            for column in range(width - reach, reach, -1):
                down, right = offsets[:, step, row, column]
                # The original's swap assigns through views: both pixels end as the neighbour.
                picture[row, column] = picture[row + down, column + right]
    return filters.gaussian(picture / 255.0, sigma=sigma, channel_axis=-1) * 255


@_corruption(lambda generator, shape, _: (generator.uniform(-45, 45),))
def motion_blur(image, constants, angle):
    radius, sigma = constants
    weights = np.exp(-(np.arange(2 * radius + 1) ** 2) / (2 * sigma**2))
    height, width = image.shape[:2]
    result = np.zeros(image.shape)
    for step, weight in enumerate(weights / weights.sum()):
        rows = np.clip(
            np.arange(height) + int(np.ceil(step * np.sin(np.radians(angle)) - 0.5)), 0, height - 1
        )
        columns = np.clip(
            np.arange(width) + int(np.ceil(step * np.cos(np.radians(angle)) - 0.5)), 0, width - 1
        )
        result += weight * image[rows][:, columns]
    return result


@_corruption()
def zoom_blur(image, constants):
    picture = (image / 255.0).astype(np.float32)
    factors = np.arange(1, *constants)
    total = sum(_clipped_zoom(picture, factor) for factor in factors)
    return (picture + total) / (len(factors) + 1) * 255


def _clipped_zoom(picture, factor):
    sides = picture.shape[:2]
    cut = [int(np.ceil(side / factor)) for side in sides]
    top, left = ((side - part) // 2 for side, part in zip(sides, cut, strict=True))
    zooms = (factor, factor, 1)[: picture.ndim]
    zoomed = ndimage.zoom(picture[top : top + cut[0], left : left + cut[1]], zooms, order=1)
    top, left = ((part - side) // 2 for side, part in zip(sides, zoomed.shape, strict=False))
    return zoomed[top : top + sides[0], left : left + sides[1]]


# Weather


def _snow_draws(generator, shape, constants):
    return generator.normal(size=shape[:2]), generator.uniform(-135, -45)


@_corruption(_snow_draws)
def snow(image, constants, noise, angle):
    mean, deviation, zoom, threshold, radius, sigma, weight = constants
    flakes = _clipped_zoom(mean + deviation * noise, zoom)
    flakes[flakes < threshold] = 0
    flakes = to_levels(flakes * 255)
    flakes = to_levels(motion_blur(flakes[..., None], (radius, sigma), angle)) / 255.0
    picture = (image / 255.0).astype(np.float32)
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[..., None]
    picture = weight * picture + (1 - weight) * np.maximum(picture, grey * 1.5 + 0.5)
    return (picture + flakes + np.rot90(flakes, k=2)) * 255


def _frost_piece(generator, shape, constants):
    from tf_varmixup.corruptions.frost_photographs import (
        frost_photographs,
    )  # in memory, where the authors read a file for each picture

    photographs = frost_photographs()
    if not photographs:
        raise RuntimeError("there are no photographs of frost to compare with")
    texture = cv2.resize(
        photographs[generator.randint(5)], (0, 0), fx=constants[0], fy=constants[0]
    )
    top, left = (
        generator.randint(0, size - side)
        for size, side in zip(texture.shape, shape[:2], strict=False)
    )
    return (texture[top : top + shape[0], left : left + shape[1]],)


@_corruption(_frost_piece)
def frost(image, constants, ice):
    _, image_weight, frost_weight = constants
    return image_weight * np.array(image) + frost_weight * ice


def _plasma(generator, shape, constants):
    return (
        diamond_square(lambda count: generator.uniform(-1, 1, count), max(shape[:2]), constants[1])[
            : shape[0], : shape[1]
        ],
    )


def diamond_square(draw, side, decay):
    """Draw a plasma in [0, 1] over the power of two that holds `side`; `draw(count)` gives that
    many numbers in [-1, 1]."""
    size = 2 ** (side - 1).bit_length()
    heights, step, wibble = np.zeros((size, size)), size, 100.0
    while step >= 2:
        half, count = step // 2, size // step
        corners = heights[::step, ::step]
        noise = wibble**2 * draw(3 * count**2).reshape(3, count, count)
        rows = corners + np.roll(corners, -1, axis=0)
        centres = heights[half::step, half::step] = (rows + np.roll(rows, -1, axis=1)) / 4 + noise[
            0
        ]
        across = centres + np.roll(centres, 1, axis=0) + corners + np.roll(corners, -1, axis=1)
        heights[::step, half::step] = across / 4 + noise[1]
        down = centres + np.roll(centres, 1, axis=1) + corners + np.roll(corners, -1, axis=0)
        heights[half::step, ::step] = down / 4 + noise[2]
        step, wibble = half, wibble / decay
    heights -= heights.min()
    return heights / heights.max()


@_corruption(_plasma)
def fog(image, constants, plasma):
    amount, _ = constants
    picture = image / 255.0
    highest = picture.max()
    return (picture + amount * plasma[..., None]) * highest / (highest + amount) * 255


@_corruption()
def brightness(image, amount):
    hsv = color.rgb2hsv(image / 255.0)
    hsv[..., 2] = np.clip(hsv[..., 2] + amount, 0, 1)
    return color.hsv2rgb(hsv) * 255


@_corruption(lambda generator, shape, _: (generator.normal(size=shape[:2]),))
def spatter(image, constants, noise):
    mean, deviation, sigma, threshold, intensity, is_mud = constants
    liquid = filters.gaussian(mean + deviation * noise, sigma=sigma)
    liquid[liquid < threshold] = 0
    picture = image / 255.0
    if is_mud:
        mask = filters.gaussian((liquid > threshold).astype(np.float32), sigma=intensity)
        mask[mask < 0.8] = 0
        return (
            picture * (1 - mask[..., None]) + mask[..., None] * np.array([63, 42, 20]) / 255
        ) * 255
    drops = (liquid * 255).astype(np.uint8)
    distance = cv2.distanceTransform(255 - cv2.Canny(drops, 50, 150), cv2.DIST_L2, 5)
    distance = cv2.threshold(distance, 20, 20, cv2.THRESH_TRUNC)[1]
    distance = cv2.equalizeHist(cv2.blur(distance, (3, 3)).astype(np.uint8))
    relief = cv2.filter2D(distance, cv2.CV_8U, np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]))
    mask = drops * cv2.blur(relief, (3, 3)).astype(np.float32)
    mask /= max(mask.max(), 1e-9)
    return (picture + intensity * mask[..., None] * np.array([175, 238, 238]) / 255) * 255


# Digital


@_corruption()
def contrast(image, factor):
    picture = image / 255.0
    mean = picture.mean(axis=(0, 1), keepdims=True)
    return ((picture - mean) * factor + mean) * 255


@_corruption()
def saturate(image, constants):
    factor, offset = constants
    hsv = color.rgb2hsv(image / 255.0)
    hsv[..., 1] = np.clip(hsv[..., 1] * factor + offset, 0, 1)
    return color.hsv2rgb(hsv) * 255


@_corruption()
def pixelate(image, scale):
    height, width = image.shape[:2]
    small = Image.fromarray(image).resize((int(width * scale), int(height * scale)), Image.BOX)
    return np.asarray(small.resize((width, height), Image.BOX))


@_corruption()
def jpeg_compression(image, quality):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def _elastic_draws(generator, shape, constants):
    return generator.uniform(-1, 1, (3, 2)).astype(np.float32), generator.uniform(
        -1, 1, (2, *shape[:2])
    )


@_corruption(_elastic_draws)
def elastic_transform(image, constants, moves, fields):
    alpha, sigma, affine = constants
    height, width = image.shape[:2]
    centre, arm = np.float32([width // 2, height // 2]), min(height, width) // 3
    points = np.float32([centre + arm, centre + (arm, -arm), centre - arm])
    matrix = cv2.getAffineTransform(points, points + affine * moves)
    picture = cv2.warpAffine(
        np.float32(image / 255.0), matrix, (width, height), borderMode=cv2.BORDER_REFLECT_101
    )
    if alpha == 0:
        return picture * 255
    right, down = (
        alpha * filters.gaussian(field, sigma, mode="reflect", truncate=3) for field in fields
    )
    channels, rows, columns = np.meshgrid(
        np.arange(3), np.arange(height), np.arange(width), indexing="ij"
    )
    read = ndimage.map_coordinates(
        picture.transpose(2, 0, 1),
        [channels, rows + down, columns + right],
        order=1,
        mode="reflect",
    )
    return read.transpose(1, 2, 0) * 255
