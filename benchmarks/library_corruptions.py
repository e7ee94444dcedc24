"""The 19 corruptions one image at a time with SciPy, scikit-image, OpenCV and Pillow.

They are made the way the benchmark's authors make them, and are what `tf_varmixup.corruptions` is
compared with: its speed by `benchmarks/corruptions.py`, its images by the tests. Each corruption is
a function `(image, constants, *draws) -> levels`: an image `uint8 (H, W, 3)` in, levels of 0 to 255
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
    """Corrupt one image `uint8 (H, W, 3)`, and return `uint8`.

    The draws come from a `np.random.RandomState`, the authors' kind of generator.
    """
    draws = DRAWS[corruption](generator, image.shape, constants)
    return to_levels(FUNCTIONS[corruption](image, constants, *draws))


def to_levels(levels):
    """Clip to 0 ... 255 and truncate, as the benchmark does."""
    return np.clip(levels, 0, 255).astype(np.uint8)


# Noise


@_corruption(lambda generator, shape, _: (generator.normal(size=shape),))
def gaussian_noise(image, sigma, noise):
    """Add N(0, sigma)."""
    return (image / 255.0 + sigma * noise) * 255


@_corruption(lambda generator, shape, _: (generator,))
def shot_noise(image, count, generator):
    """Count photons of a Poisson distribution."""
    return generator.poisson(image / 255.0 * count) / count * 255


@_corruption(lambda generator, shape, _: (generator,))
def impulse_noise(image, amount, generator):
    """Set values to 0 or 255 with scikit-image."""
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
    """Multiply by N(1, sigma)."""
    return image * (1 + sigma * noise)


# Blur


@_corruption()
def gaussian_blur(image, sigma):
    """Blur with scikit-image's Gaussian."""
    return filters.gaussian(image / 255.0, sigma=sigma, channel_axis=-1) * 255


@_corruption()
def defocus_blur(image, constants):
    """Correlate with a softened disk with OpenCV."""
    radius = constants.radius
    extent = np.arange(-8, 9) if radius <= 8 else np.arange(-radius, radius + 1)
    disk = np.float32(extent**2 + extent[:, None] ** 2 <= radius**2)
    kernel = cv2.GaussianBlur(
        disk / disk.sum(), (3, 3) if radius <= 8 else (5, 5), sigmaX=constants.edge_sigma
    )
    return (
        np.stack(
            [cv2.filter2D(image[..., channel] / 255.0, -1, kernel) for channel in range(3)], axis=-1
        )
        * 255
    )


def _glass_offsets(generator, shape, constants):
    reach = constants.reach
    return (generator.randint(-reach, reach, (2, constants.passes, *shape[:2])),)


@_corruption(_glass_offsets)
def glass_blur(image, constants, offsets):
    """Walk over the pixels, and let each take the value of a neighbor."""
    sigma, reach = constants.sigma, constants.reach
    height, width, _ = image.shape
    blurred = to_levels(filters.gaussian(image / 255.0, sigma=sigma, channel_axis=-1) * 255)
    for step in range(constants.passes):
        for row in range(height - reach, reach, -1):
            for column in range(width - reach, reach, -1):
                down, right = offsets[:, step, row, column]
                # The original's swap assigns through views: both pixels end as the neighbor.
                blurred[row, column] = blurred[row + down, column + right]
    return filters.gaussian(blurred / 255.0, sigma=sigma, channel_axis=-1) * 255


@_corruption(lambda generator, shape, _: (generator.uniform(-45, 45),))
def motion_blur(image, constants, angle):
    """Blur along a line."""
    return _motion_blur(image, constants.radius, constants.sigma, angle)


def _motion_blur(image, radius, sigma, angle):
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
    """Take the mean of zooms by SciPy."""
    image = (image / 255.0).astype(np.float32)
    factors = np.arange(1, constants.stop, constants.step)
    total = sum(_clipped_zoom(image, factor) for factor in factors)
    return (image + total) / (len(factors) + 1) * 255


def _clipped_zoom(image, factor):
    sides = image.shape[:2]
    cut = [int(np.ceil(side / factor)) for side in sides]
    top, left = ((side - part) // 2 for side, part in zip(sides, cut, strict=True))
    zooms = (factor, factor, 1)[: image.ndim]
    zoomed = ndimage.zoom(image[top : top + cut[0], left : left + cut[1]], zooms, order=1)
    top, left = ((part - side) // 2 for side, part in zip(sides, zoomed.shape, strict=False))
    return zoomed[top : top + sides[0], left : left + sides[1]]


# Weather


def _snow_draws(generator, shape, constants):
    return generator.normal(size=shape[:2]), generator.uniform(-135, -45)


@_corruption(_snow_draws)
def snow(image, constants, noise, angle):
    """Lay blurred flakes over the image."""
    flakes = _clipped_zoom(constants.mean + constants.deviation * noise, constants.zoom)
    flakes[flakes < constants.threshold] = 0
    flakes = to_levels(flakes * 255)
    flakes = _motion_blur(flakes[..., None], constants.radius, constants.sigma, angle)
    flakes = to_levels(flakes) / 255.0
    weight = constants.image_weight
    image = (image / 255.0).astype(np.float32)
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None]
    image = weight * image + (1 - weight) * np.maximum(image, gray * 1.5 + 0.5)
    return (image + flakes + np.rot90(flakes, k=2)) * 255


def _frost_piece(generator, shape, constants):
    # In memory, where the authors read a file for each image.
    from tf_varmixup.corruptions.frost_photographs import frost_photographs

    photographs = frost_photographs()
    if not photographs:
        raise RuntimeError("there are no photographs of frost to compare with")
    texture = cv2.resize(
        photographs[generator.randint(5)], (0, 0), fx=constants.scale, fy=constants.scale
    )
    top, left = (
        generator.randint(0, size - side)
        for size, side in zip(texture.shape, shape[:2], strict=False)
    )
    return (texture[top : top + shape[0], left : left + shape[1]],)


@_corruption(_frost_piece)
def frost(image, constants, ice):
    """Add a piece of a photograph of frost."""
    return constants.image_weight * np.array(image) + constants.frost_weight * ice


def _plasma(generator, shape, constants):
    return (
        diamond_square(
            lambda count: generator.uniform(-1, 1, count), max(shape[:2]), constants.decay
        )[: shape[0], : shape[1]],
    )


def diamond_square(draw, side, decay):
    """Draw a plasma in [0, 1] over the power of two that holds `side`.

    `draw(count)` gives that many numbers in [-1, 1].
    """
    size = 2 ** (side - 1).bit_length()
    heights, step, wibble = np.zeros((size, size)), size, 100.0
    while step >= 2:
        half, count = step // 2, size // step
        corners = heights[::step, ::step]
        noise = wibble**2 * draw(3 * count**2).reshape(3, count, count)
        rows = corners + np.roll(corners, -1, axis=0)
        centers = heights[half::step, half::step] = (rows + np.roll(rows, -1, axis=1)) / 4 + noise[
            0
        ]
        across = centers + np.roll(centers, 1, axis=0) + corners + np.roll(corners, -1, axis=1)
        heights[::step, half::step] = across / 4 + noise[1]
        down = centers + np.roll(centers, 1, axis=1) + corners + np.roll(corners, -1, axis=0)
        heights[half::step, ::step] = down / 4 + noise[2]
        step, wibble = half, wibble / decay
    heights -= heights.min()
    return heights / heights.max()


@_corruption(_plasma)
def fog(image, constants, plasma):
    """Add a plasma."""
    amount = constants.amount
    image = image / 255.0
    highest = image.max()
    return (image + amount * plasma[..., None]) * highest / (highest + amount) * 255


@_corruption()
def brightness(image, amount):
    """Add to the HSV value with scikit-image."""
    hsv = color.rgb2hsv(image / 255.0)
    hsv[..., 2] = np.clip(hsv[..., 2] + amount, 0, 1)
    return color.hsv2rgb(hsv) * 255


@_corruption(lambda generator, shape, _: (generator.normal(size=shape[:2]),))
def spatter(image, constants, noise):
    """Splash water or mud over the image with OpenCV."""
    threshold = constants.threshold
    liquid = constants.mean + constants.deviation * noise
    liquid = filters.gaussian(liquid, sigma=constants.sigma)
    liquid[liquid < threshold] = 0
    image = image / 255.0
    if constants.water is None:
        mask = filters.gaussian((liquid > threshold).astype(np.float32), sigma=constants.mud_sigma)
        mask[mask < 0.8] = 0
        return (
            image * (1 - mask[..., None]) + mask[..., None] * np.array([63, 42, 20]) / 255
        ) * 255
    drops = (liquid * 255).astype(np.uint8)
    distance = cv2.distanceTransform(255 - cv2.Canny(drops, 50, 150), cv2.DIST_L2, 5)
    distance = cv2.threshold(distance, 20, 20, cv2.THRESH_TRUNC)[1]
    distance = cv2.equalizeHist(cv2.blur(distance, (3, 3)).astype(np.uint8))
    relief = cv2.filter2D(distance, cv2.CV_8U, np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]))
    mask = drops * cv2.blur(relief, (3, 3)).astype(np.float32)
    mask /= max(mask.max(), 1e-9)
    return (image + constants.water * mask[..., None] * np.array([175, 238, 238]) / 255) * 255


# Digital


@_corruption()
def contrast(image, factor):
    """Pull each channel towards its mean."""
    image = image / 255.0
    mean = image.mean(axis=(0, 1), keepdims=True)
    return ((image - mean) * factor + mean) * 255


@_corruption()
def saturate(image, constants):
    """Change the HSV saturation with scikit-image."""
    hsv = color.rgb2hsv(image / 255.0)
    hsv[..., 1] = np.clip(hsv[..., 1] * constants.factor + constants.offset, 0, 1)
    return color.hsv2rgb(hsv) * 255


@_corruption()
def pixelate(image, scale):
    """Shrink and enlarge with Pillow."""
    height, width = image.shape[:2]
    small = Image.fromarray(image).resize((int(width * scale), int(height * scale)), Image.BOX)
    return np.asarray(small.resize((width, height), Image.BOX))


@_corruption()
def jpeg_compression(image, quality):
    """Compress with Pillow."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def _elastic_draws(generator, shape, constants):
    return generator.uniform(-1, 1, (3, 2)).astype(np.float32), generator.uniform(
        -1, 1, (2, *shape[:2])
    )


@_corruption(_elastic_draws)
def elastic_transform(image, constants, moves, fields):
    """Warp with OpenCV, then with SciPy."""
    alpha = constants.alpha
    height, width = image.shape[:2]
    center, arm = np.float32([width // 2, height // 2]), min(height, width) // 3
    points = np.float32([center + arm, center + np.float32([arm, -arm]), center - arm])
    matrix = cv2.getAffineTransform(points, points + constants.affine * moves)
    warped = cv2.warpAffine(
        np.float32(image / 255.0), matrix, (width, height), borderMode=cv2.BORDER_REFLECT_101
    )
    if alpha == 0:
        return warped * 255
    right, down = (
        alpha * filters.gaussian(field, constants.sigma, mode="reflect", truncate=3)
        for field in fields
    )
    channels, rows, columns = np.meshgrid(
        np.arange(3), np.arange(height), np.arange(width), indexing="ij"
    )
    read = ndimage.map_coordinates(
        warped.transpose(2, 0, 1),
        [channels, rows + down, columns + right],
        order=1,
        mode="reflect",
    )
    return read.transpose(1, 2, 0) * 255
