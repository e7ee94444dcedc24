import keras
import numpy as np
import pytest
import tensorflow as tf

from models import (
    FusedBatchNormalization,
    airbench,
    classifier_builder,
    compact,
    resnet,
    wide_resnet,
)

SMALL = ["airbench", "compact", "wrn-10-1", "resnet18"]


def some_images(count=2, shape=(8, 8, 3)):
    return np.random.default_rng(0).integers(0, 256, (count, *shape)).astype("uint8")


def trainable(model):
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


def residual_count(blocks, stem, stages, channels, classes, pre_activation):
    """Count the weights of a residual network of basic blocks: convolutions without offsets, two
    weights a channel of every norm."""
    count, before = 9 * channels * stem, stem
    if not pre_activation:
        count += 2 * stem
    for number, width in zip(blocks, stages, strict=True):
        for _ in range(number):
            count += 9 * before * width + 9 * width * width + 2 * width
            count += 2 * (before if pre_activation else width)
            if before != width:
                count += before * width + (0 if pre_activation else 2 * width)
            before = width
    if pre_activation:
        count += 2 * before
    return count + before * classes + classes


def wide_count(depth, width, channels=3, classes=10):
    return residual_count(
        [(depth - 4) // 6] * 3, 16, [16 * width, 32 * width, 64 * width], channels, classes, True
    )


def resnet_count(blocks, channels=3, classes=10):
    return residual_count(blocks, 64, [64, 128, 256, 512], channels, classes, False)


def test_the_count_gives_the_published_figures():
    assert resnet_count([2, 2, 2, 2]) == 11_173_962
    assert resnet_count([3, 4, 6, 3]) == 21_282_122
    assert wide_count(16, 4) == 2_748_890
    assert wide_count(28, 10) == 36_479_194


@pytest.mark.parametrize(("depth", "width"), [(10, 1), (16, 4), (22, 2)])
def test_wide_residual_networks_have_their_parameters(depth, width):
    assert trainable(wide_resnet(depth, width)) == wide_count(depth, width)


def test_wide_residual_networks_have_their_parameters_for_other_data():
    assert trainable(wide_resnet(10, 1, (28, 28, 1), 7)) == wide_count(10, 1, 1, 7)


def test_residual_networks_have_their_parameters():
    model = resnet(18)
    assert trainable(model) == 11_173_962
    assert (
        model.count_params() == 11_183_562
    )  # and a moving mean and variance for each of 4800 channels
    assert trainable(resnet(34, (28, 28, 1), 7)) == resnet_count([3, 4, 6, 3], 1, 7)


@pytest.mark.parametrize(("channels", "classes", "width"), [(3, 10, 48), (1, 7, 8)])
def test_the_compact_network_has_its_parameters(channels, classes, width):
    convolutions = (
        16 * channels * width
        + 9 * width**2
        + 9 * 2 * width**2
        + 9 * 4 * width**2
        + 9 * 8 * width**2
        + 9 * 16 * width**2
    )
    norms = 2 * 2 * (width + 2 * width + 4 * width)
    count = convolutions + norms + 4 * width * classes + classes
    assert trainable(compact((32, 32, channels), classes, width)) == count
    if width == 48:
        assert count == 648_394


@pytest.mark.parametrize(("channels", "classes"), [(3, 10), (1, 7)])
def test_the_fast_network_has_its_parameters(channels, classes):
    convolutions = 4 * channels * 32 + 9 * (32 * 64 + 64 * 64 + 64 * 256 + 3 * 256 * 256)
    offsets = 32 + 2 * 64 + 4 * 256
    model = airbench((32, 32, channels), classes)
    assert trainable(model) == convolutions + offsets + 256 * classes
    assert (
        trainable(airbench((32, 32, channels), classes, (8, 8, 8)))
        == 4 * channels * 32 + 9 * (32 * 8 + 5 * 64) + 32 + 48 + 8 * classes
    )


def test_the_fast_network_starts_as_the_identity_where_it_can():
    kernel = airbench((8, 8, 3), 2).get_layer("stage2_conv2").kernel.numpy()
    np.testing.assert_array_equal(kernel[1, 1], np.eye(256))
    assert not np.any(np.delete(kernel.reshape(9, 256, 256), 4, axis=0))


# Images of 8 x 8 go through everything in test_harness_models.py.
@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("shape", [(28, 28, 1), (17, 23, 3)])
def test_any_image_size(name, shape, small_resnet):
    model = classifier_builder(name)(shape, 5)
    logits = model(some_images(2, shape))
    assert logits.shape == (2, 5)
    assert np.isfinite(logits).all()
    assert np.abs(logits[0] - logits[1]).max() > 1e-4


@pytest.mark.parametrize("name", SMALL)
def test_the_resolution_is_that_of_small_some_images(name, small_resnet):
    model = classifier_builder(name)((32, 32, 3), 10)
    expected = {"airbench": (3, 3), "compact": (4, 4), "resnet18": (4, 4), "wrn-10-1": (8, 8)}[name]
    assert model.get_layer("pool").input.shape[1:3] == expected


@pytest.fixture(params=["mixed_bfloat16", "mixed_float16"])
def policy(request):
    keras.config.set_dtype_policy(request.param)
    yield request.param
    keras.config.set_dtype_policy("float32")


@pytest.mark.parametrize("name", ["airbench", "compact", "wrn-10-1"])
def test_mixed_precision_is_that_of_the_norms_and_stays_near(name, policy):
    model = classifier_builder(name)((8, 8, 3), 5)
    norms = [layer for layer in model.layers if isinstance(layer, FusedBatchNormalization)]
    assert norms
    assert {layer.compute_dtype for layer in norms} == {policy.removeprefix("mixed_")}
    keras.config.set_dtype_policy("float32")
    exact = classifier_builder(name)((8, 8, 3), 5)
    exact.set_weights(model.get_weights())
    np.testing.assert_allclose(model(some_images()), exact(some_images()), atol=0.05)


@pytest.mark.slow
@pytest.mark.parametrize(
    "build", [lambda: compact((8, 8, 1), 4, width=16), lambda: airbench((8, 8, 1), 4, (32, 32, 32))]
)
def test_small_networks_learn(build):
    keras.utils.set_random_seed(0)
    model, classes = build(), np.arange(32) % 4
    rows, columns = np.mgrid[:8, :8]
    patterns = np.stack([rows % 2, columns % 2, (rows + columns) % 2, 0 * rows])[classes, ..., None]
    images = patterns * np.random.default_rng(0).uniform(127, 255, (32, 1, 1, 1)).astype("float32")
    optimizer = keras.optimizers.SGD(0.2, momentum=0.9, nesterov=True)
    model.compile(
        optimizer,
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    history = model.fit(images, classes, batch_size=16, epochs=15, verbose=0).history
    assert history["accuracy"][-1] == 1.0
    assert history["loss"][-1] < 0.5 * history["loss"][0]


@pytest.mark.parametrize("name", [*SMALL, "wrn-16-1"])
def test_a_classifier_has_the_name_that_creates_it(name, small_resnet):
    model = classifier_builder(name)((32, 32, 3), 10)
    assert model.name == name
    assert model.input_shape == (None, 32, 32, 3)
    assert model.output_shape == (None, 10)


def test_compact_has_the_width_in_its_name():
    network = classifier_builder("compact-16")((8, 8, 1), 3)
    assert network.get_layer("stage1").output.shape[-1] == 16
    assert network.count_params() == compact((8, 8, 1), 3, width=16).count_params()


@pytest.mark.parametrize(
    "name", ["resnet50", "wrn-16", "WRN-16-4", "wrn-16-4-2", "", "compact ", "compact-0"]
)
def test_unknown_names_are_answered_with_the_known(name):
    with pytest.raises(
        ValueError, match=rf"^Expected a classifier, .*Received: '{name}'\."
    ) as error:
        classifier_builder(name)
    assert "airbench, compact, compact-WIDTH, resnet18, resnet34, wrn-DEPTH-WIDTH" in str(
        error.value
    )


def test_a_mistyped_name_is_answered_with_the_nearest():
    with pytest.raises(ValueError, match="Did you mean 'airbench'"):
        classifier_builder("airbensh")


def test_depths_and_widths_that_do_not_exist_are_named():
    for depth in (4, 12, 15):
        with pytest.raises(ValueError, match=rf"6 n \+ 4 with n at least 1, .*Received: {depth}"):
            wide_resnet(depth, 1)
    with pytest.raises(ValueError, match=r"Expected depth to be a positive integer. Received: -2"):
        wide_resnet(-2, 1)
    with pytest.raises(ValueError, match="Received: 15"):
        classifier_builder("wrn-15-4")
    with pytest.raises(ValueError, match=r"Expected width to be a positive integer. Received: 0"):
        classifier_builder("wrn-16-0")
    with pytest.raises(ValueError, match=r"Expected depth to be one of 18, 34. Received: 50"):
        resnet(50)


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize(
    ("shape", "classes", "message"),
    [
        ((8, 8), 5, r"image_shape to be \(H, W, C\).*Received: \(8, 8\)\."),
        ((8, 8, 4), 5, r"C 1 or 3\. Received: \(8, 8, 4\)\."),
        ((0, 8, 3), 5, r"Received: \(0, 8, 3\)\."),
        ((8.0, 8, 3), 5, r"Received: \(8.0, 8, 3\)\."),
        (None, 5, "Received: None"),
        ((8, 8, 3), 1, "num_classes to be an integer of at least 2. Received: 1"),
        ((8, 8, 3), "10", "num_classes to be an integer of at least 2. Received: '10'"),
    ],
)
def test_shapes_and_numbers_of_classes_that_cannot_be_are_named(name, shape, classes, message):
    with pytest.raises(ValueError, match=message) as error:
        classifier_builder(name)(shape, classes)
    assert "\n" not in str(error.value)


def test_widths_that_cannot_be_are_named():
    with pytest.raises(ValueError, match=r"width to be a positive integer. Received: 0"):
        compact(width=0)
    with pytest.raises(ValueError, match=r"widths to be a positive integer. Received: -8"):
        airbench((8, 8, 1), 2, widths=(8, -8))


@pytest.mark.parametrize(
    ("setting", "other", "usual"),
    [
        ("image_data_format", "channels_first", "channels_last"),
        ("floatx", "float64", "float32"),
    ],
)
@pytest.mark.parametrize("name", SMALL)
def test_settings_of_keras_that_do_not_fit_are_named(name, setting, other, usual):
    getattr(keras.config, f"set_{setting}")(other)
    try:
        with pytest.raises(ValueError, match=f"{setting} to be '{usual}'. Received: '{other}'"):
            classifier_builder(name)((8, 8, 3), 5)
    finally:
        getattr(keras.config, f"set_{setting}")(usual)


@pytest.mark.parametrize("name", SMALL)
def test_levels_mean_the_same_whoever_casts_them(name, small_resnet):
    model, images = classifier_builder(name)((8, 8, 3), 5), some_images(4)
    expected = model(images).numpy()
    wrapped = keras.Sequential([model, keras.layers.Softmax()])
    softmax = keras.ops.softmax(expected)
    np.testing.assert_allclose(wrapped.predict(images, verbose=0), softmax, atol=1e-5)


def test_images_are_centered_exactly_under_every_policy(policy):
    model = compact((8, 8, 1), 2, width=4)
    center = keras.Model(model.input, model.get_layer("center").output)
    levels = np.arange(256).reshape(4, 8, 8, 1).astype("uint8")
    centered = center(levels)
    assert centered.dtype == tf.float32
    np.testing.assert_allclose(centered, 4.0 * (levels / 255.0) - 2.0, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "stages"), [("airbench", 3), ("compact", 3), ("resnet18", 4), ("wrn-10-1", 3)]
)
def test_every_stage_ends_in_a_layer_of_its_name(name, stages, small_resnet):
    model = classifier_builder(name)((32, 32, 3), 5)
    ends = [layer.name for layer in model.layers if layer.name.startswith("stage")]
    ends = [end for end in ends if "_" not in end]
    assert ends == [f"stage{number}" for number in range(1, stages + 1)]
    # The rest of the network sees the end of a stage and nothing from inside it.
    for end in ends:
        tail = keras.Model(model.get_layer(end).output, model.output)
        whole = keras.Model(model.input, [model.get_layer(end).output, model.output])
        maps, logits = whole(some_images(2, (32, 32, 3)))
        np.testing.assert_allclose(tail(maps), logits, atol=1e-5)
