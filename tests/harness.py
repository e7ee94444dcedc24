"""What every method, metric, layer, classifier and autoencoder must do, one call for each class.

    check_method(lambda: Mixup(alpha=0.5))
    check_method(lambda image_shape: VarMixup(autoencoder_of(image_shape)))
    check_metric(lambda: ExpectedCalibrationError())
    check_layer(lambda: FusedBatchNormalization(), (4, 4, 3))
    check_classifier(functools.partial(airbench, widths=(4, 8)))
    check_autoencoder(lambda image_shape: VariationalAutoencoder(image_shape, width=8))

A call goes through the laws of the kind one by one; the traceback of one that is broken names it.
"""

import contextlib
import copy
import functools
import inspect
import pathlib
import pickle
import tempfile

import keras
import numpy as np
import tensorflow as tf

from models import VariationalAutoencoder
from tf_varmixup import draws
from tf_varmixup.classifier import VicinalClassifier
from tf_varmixup.methods import Batch, VicinalDistribution

SHAPES = ((8, 8, 1), (8, 8, 3))
POLICIES = ("float32", "mixed_bfloat16", "mixed_float16")
COUNTS = (1, 7)
CLASSES = 3
LOSS = keras.losses.CategoricalCrossentropy(from_logits=True)
_VARIABLE = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def images_of(image_shape, count=10, seed=0):
    """Return `uint8` images."""
    return np.random.default_rng(seed).integers(0, 256, (count, *image_shape)).astype("uint8")


def labels_of(count=10, seed=1):
    """Return one-hot labels."""
    return np.eye(CLASSES, dtype="float32")[np.random.default_rng(seed).integers(0, CLASSES, count)]


@functools.cache
def autoencoder_of(image_shape, **settings):
    """Return a tiny autoencoder, the same for all that only look at it."""
    keras.utils.set_random_seed(0)
    return VariationalAutoencoder(image_shape, width=4, blocks=1, latent_size=2, **settings)


def check_method(build):
    """Check a method.

    Args:
        build: Function of nothing, or of `image_shape`, that makes the method anew.
    """
    check_draws(build)
    image_shape = SHAPES[-1]
    make = functools.partial(_call, build, image_shape)
    _method_is_copied_before_and_after_use(make, image_shape)
    _method_is_saved_with_its_classifier(make, image_shape)
    _method_takes_weights_of_one_for_none(make, image_shape)
    _method_trains_under_every_policy(functools.partial(_call, build), image_shape)
    _method_trains_on_two_replicas(make, image_shape)


def check_draws(build):
    """Check what a method makes of a batch: the part of `check_method` that hangs on parameters.

    Args:
        build: As of `check_method`.
    """
    for image_shape in SHAPES:
        make = functools.partial(_call, build, image_shape)
        _method_keeps_its_parameters(make)
        _method_draws_images_and_labels(make, image_shape)
        _method_draws_the_same_from_the_same_seed(make, image_shape)
    _method_draws_the_same_under_xla(make, image_shape)


def check_metric(build, *inputs):
    """Check a metric.

    Args:
        build: Function that makes the metric anew.
        *inputs: Arrays with a row per image, what `update_state` takes; labels and logits if none.
    """
    of_predictions = not inputs
    if of_predictions:
        logits = np.random.default_rng(0).normal(0.0, 2.0, (11, CLASSES)).astype("float32")
        inputs = labels_of(11).argmax(1), logits
    expected = _measured(build(), inputs)
    assert np.isfinite(expected)
    _metric_adds_up_over_batches(build, inputs, expected)
    _metric_is_copied_with_what_it_measured(build, inputs, expected)
    _metric_is_float32_under_every_policy(build, inputs, expected)
    _metric_is_the_same_under_xla(build, inputs, expected)
    _metric_adds_up_over_replicas(build, inputs, expected)
    if of_predictions:
        _metric_takes_labels_of_any_form(build, inputs, expected)
        _metric_works_inside_a_model(build, inputs, expected)


def check_layer(build, input_shape):
    """Check a layer.

    Args:
        build: Function that makes the layer anew.
        input_shape: Shape of one input, without the batch.
    """
    inputs = np.random.default_rng(0).normal(size=(7, *input_shape)).astype("float32")

    def make():
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input(input_shape), build(), keras.layers.Flatten()])
        model.add(keras.layers.Dense(CLASSES, dtype="float32"))
        return model

    _model_is_copied_and_saved(make(), inputs)
    _model_is_the_same_under_xla(make(), inputs)
    _images_do_not_depend_on_each_other(make(), inputs)
    for policy in POLICIES:
        with dtype_policy(policy):
            model = make()
            layer = model.layers[0]
            assert layer(tf.constant(inputs)).dtype == layer.compute_dtype
            assert all(one.dtype == "float32" for one in layer.trainable_variables)
            _trains(model, inputs, labels_of(7))
    config = build().get_config()
    again = type(build()).from_config(config).get_config()
    assert again == config
    with replicas().scope():
        model = make()
    _trains(model, inputs[:6], labels_of(6), batch_size=4)
    _replicas_agree(model)


def check_classifier(build):
    """Check a network.

    Args:
        build: Function of `image_shape` and `num_classes` that makes the model anew.
    """

    def make(image_shape=SHAPES[1]):
        keras.utils.set_random_seed(0)
        return build(image_shape, CLASSES)

    for image_shape in SHAPES:
        model, images = make(image_shape), images_of(image_shape, 7)
        logits = model(images)
        assert logits.shape == (7, CLASSES)
        assert logits.dtype == tf.float32
        assert np.isfinite(logits).all()
        assert np.ptp(np.asarray(logits)) > 0.0
        # What an image is does not hang on its type.
        np.testing.assert_array_equal(model(images.astype("float32")), logits)
        _images_do_not_depend_on_each_other(model, images)
        stages = [layer for layer in model.layers if layer.name.startswith("stage")]
        number = sum(layer.name[5:].isdecimal() for layer in stages)
        assert number >= 1
        for stage in range(1, number + 1):
            assert len(model.get_layer(f"stage{stage}").output.shape) == 4
    _model_is_copied_and_saved(make(), images)
    _model_is_the_same_under_xla(make(), images)
    for policy in POLICIES:
        with dtype_policy(policy):
            model = make()
            assert model(images).dtype == tf.float32
            assert all(one.dtype == "float32" for one in model.trainable_variables)
            _trains(VicinalClassifier(model), images, labels_of(7), batch_size=4)
    with replicas().scope():
        classifier = VicinalClassifier(make())
    _trains(classifier, images[:6], labels_of(6), batch_size=4)
    _replicas_agree(classifier)


def check_autoencoder(build):
    """Check an autoencoder.

    Args:
        build: Function of `image_shape` that makes the model anew.
    """

    def make(image_shape=SHAPES[1]):
        keras.utils.set_random_seed(0)
        return build(image_shape)

    for image_shape in SHAPES:
        model = make(image_shape)
        for count in COUNTS:
            images = images_of(image_shape, count)
            mean = model.posterior(images).mean()
            assert mean.dtype == tf.float32
            assert mean.shape == (count, *model.latent_shape)
            decoded = model.reconstruct(images)
            assert decoded.shape == images.shape
            _in_range(decoded)
            np.testing.assert_array_equal(model.encode(images.astype("float32")), mean)
        sampled = model.sample(3, seed=2)
        np.testing.assert_array_equal(sampled, model.sample(3, seed=2))
        _in_range(sampled)
    images = images_of(SHAPES[1])
    for policy in POLICIES:
        with dtype_policy(policy):
            model = make()
            assert model.posterior(images).mean().dtype == tf.float32
            assert model.decode(tf.zeros((1, *model.latent_shape))).dtype == tf.float32
            _trains(model, images, None, batch_size=4)
    for jit_compile in (False, True):
        model = make()
        model.compile(keras.optimizers.SGD(1e-6), jit_compile=jit_compile)
        logs = model.fit(images, batch_size=5, shuffle=False, verbose=0).history
        if not jit_compile:
            expected = logs
    for name, values in expected.items():
        np.testing.assert_allclose(logs[name], values, rtol=1e-4, atol=1e-5, err_msg=name)
    _model_is_copied_and_saved(model, images, lambda one: one.encode(images))
    with replicas().scope():
        model = make()
    _trains(model, images[:6], None, batch_size=4)
    _replicas_agree(model)


# Methods


def _method_keeps_its_parameters(make):
    method = make()
    again = type(method).from_config(method.get_config())
    for name, value in method.parameters().items():
        if not isinstance(value, keras.Model):
            assert getattr(again, name) == value, name
        assert f"{name}=" in repr(method)
    assert method.metrics == []


def _method_draws_images_and_labels(make, image_shape):
    for count in COUNTS:
        images, labels = images_of(image_shape, count), labels_of(count)
        method, classifier = make(), _classifier(None, image_shape)
        drawn = method.draw(classifier, Batch(images, labels), draws.run_seed(3))
        for part in tf.nest.flatten(drawn.inputs):
            if len(part.shape) == 4:
                assert part.shape[1:] == image_shape
                _in_range(part)
        assert drawn.labels.dtype == tf.float32 if tf.is_tensor(drawn.labels) else True
        found = np.asarray(drawn.labels)
        assert found.shape[1] == CLASSES
        assert found.min() >= 0.0
        np.testing.assert_allclose(found.sum(1), 1.0, atol=1e-5)
        # What an image is does not hang on its type.
        floats = Batch(images.astype("float32"), labels)
        _same(method.draw(classifier, floats, draws.run_seed(3)), drawn, atol=1e-4)
        logits = tf.cast(method.forward(classifier.backbone, drawn.inputs), tf.float32)
        assert logits.shape[0] >= len(found)
        assert logits.shape[1] == CLASSES
        penalty = method.penalty(logits)
        if penalty is not None:
            assert np.shape(penalty) == ()
            assert np.isfinite(penalty)


def _method_draws_the_same_from_the_same_seed(make, image_shape):
    first, other = _draw(make(), image_shape), _draw(make(), image_shape)
    _same(first, other)
    method = make()
    if isinstance(method, VicinalDistribution):
        batches = tf.data.Dataset.from_tensors((images_of(image_shape, 7), labels_of(7)))
        images, labels = next(iter(method.map(batches, seed=3, first_step=5)))
        seed = draws.fold(draws.run_seed(3), 5, 0)
        batch = Batch(images_of(image_shape, 7), labels_of(7))
        _same(method.draw(None, batch, seed), Batch(images, labels), atol=1e-2)


def _method_is_copied_before_and_after_use(make, image_shape):
    method = make()
    expected = _draw(method, image_shape)
    _train(method, image_shape)
    for one in (make(), method):
        for other in (copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
            assert type(other) is type(one)
            _same(_draw(other, image_shape), expected, atol=1e-4)


def _method_is_saved_with_its_classifier(make, image_shape):
    classifier = _train(make(), image_shape)
    for other in (_saved_and_loaded(classifier), pickle.loads(pickle.dumps(classifier))):
        assert int(other.step) == int(classifier.step)
        _same(_draw(other.method, image_shape), _draw(classifier.method, image_shape), atol=1e-4)
        images = images_of(image_shape)
        np.testing.assert_allclose(other(images), classifier(images), atol=1e-5)
        _train(other.method, image_shape, classifier=other)
        assert int(other.step) == 2 * int(classifier.step)


def _method_draws_the_same_under_xla(make, image_shape):
    method, classifier = make(), _classifier(None, image_shape)

    def step(images, labels, seed):
        drawn = method.draw(classifier, Batch(images, labels), seed)
        logits = method.forward(classifier.backbone, drawn.inputs)
        return drawn.labels, logits, method.penalty(tf.cast(logits, tf.float32))

    arguments = tf.constant(images_of(image_shape, 7)), labels_of(7), draws.run_seed(3)
    compiled = tf.function(step, jit_compile=True)(*arguments)
    _same(compiled, step(*arguments), atol=1e-2)


def _method_takes_weights_of_one_for_none(make, image_shape):
    plain = _train(make(), image_shape)
    weighted = _train(make(), image_shape, sample_weight=np.ones(10))
    for one, other in zip(
        plain.backbone.get_weights(), weighted.backbone.get_weights(), strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def _method_trains_under_every_policy(build, image_shape):
    for policy in POLICIES:
        with dtype_policy(policy):
            autoencoder_of.cache_clear()
            classifier = _train(build(image_shape), image_shape)
            assert classifier(images_of(image_shape)).dtype == tf.float32
    autoencoder_of.cache_clear()


def _method_trains_on_two_replicas(make, image_shape):
    with replicas().scope():
        autoencoder_of.cache_clear()
        classifier = _classifier(make(), image_shape)
    # The last batch is one image, so that the second replica has none.
    _trains(classifier, images_of(image_shape, 9), labels_of(9), batch_size=4)
    _replicas_agree(classifier)
    autoencoder_of.cache_clear()


def _classifier(method, image_shape):
    keras.utils.set_random_seed(0)
    inputs = keras.Input(image_shape)
    x = keras.layers.Rescaling(1 / 255)(inputs)
    x = keras.layers.Conv2D(3, 3, strides=2, activation="relu", name="stage1")(x)
    x = keras.layers.Dense(CLASSES, dtype="float32")(keras.layers.Flatten()(x))
    return VicinalClassifier(keras.Model(inputs, x), method, seed=3)


def _train(method, image_shape, classifier=None, **settings):
    """Train a classifier by a method for three steps, the last on two images."""
    classifier = _classifier(method, image_shape) if classifier is None else classifier
    if not classifier.compiled:
        classifier.compile("sgd", LOSS, metrics=["accuracy"], run_eagerly=True)
    images, labels = images_of(image_shape), labels_of()
    before = int(classifier.step)
    history = classifier.fit(
        images, labels, batch_size=4, shuffle=False, verbose=0, **settings
    ).history
    assert np.isfinite(history["loss"]).all()
    assert int(classifier.step) == before + 3
    return classifier


def _draw(method, image_shape):
    batch = Batch(images_of(image_shape, 7), labels_of(7))
    return method.draw(_classifier(None, image_shape), batch, draws.run_seed(3))


# Metrics


def _measured(metric, inputs, sizes=(11,), **options):
    start = 0
    for size in sizes:
        metric.update_state(*(part[start : start + size] for part in inputs), **options)
        start += size
    assert start == len(inputs[0])
    return float(metric.result())


def _metric_adds_up_over_batches(build, inputs, expected):
    metric = build()
    sizes = (7, 1, len(inputs[0]) - 8)
    np.testing.assert_allclose(_measured(metric, inputs, sizes), expected, rtol=1e-5)
    metric.reset_state()
    np.testing.assert_allclose(_measured(metric, inputs), expected, rtol=1e-6)


def _metric_is_copied_with_what_it_measured(build, inputs, expected):
    config = build().get_config()
    again = type(build()).from_config(config)
    assert again.get_config() == config
    assert _measured(again, inputs) == expected
    metric = build()
    for other in (copy.deepcopy(metric), pickle.loads(pickle.dumps(metric))):
        assert _measured(other, inputs) == expected
    _measured(metric, inputs)
    for other in (copy.deepcopy(metric), pickle.loads(pickle.dumps(metric))):
        assert float(other.result()) == expected
        other.reset_state()
        assert float(metric.result()) == expected


def _metric_is_float32_under_every_policy(build, inputs, expected):
    for policy in POLICIES:
        with dtype_policy(policy):
            metric = build()
            assert _measured(metric, inputs) == expected
            assert tf.convert_to_tensor(metric.result()).dtype == tf.float32


def _metric_is_the_same_under_xla(build, inputs, expected):
    metric = build()
    tf.function(lambda *parts: metric.update_state(*parts), jit_compile=True)(
        *(tf.constant(part) for part in inputs)
    )
    np.testing.assert_allclose(float(metric.result()), expected, rtol=1e-5)


def _metric_adds_up_over_replicas(build, inputs, expected):
    strategy = replicas()
    with strategy.scope():
        metric = build()

    def halves(context):
        replica = context.replica_id_in_sync_group
        return tuple(tf.constant(part[:4] if replica == 0 else part[4:]) for part in inputs)

    parts = strategy.experimental_distribute_values_from_function(halves)
    strategy.run(lambda given: metric.update_state(*given), (parts,))
    np.testing.assert_allclose(float(metric.result()), expected, rtol=1e-5)


def _metric_takes_labels_of_any_form(build, inputs, expected):
    labels, logits = inputs
    one_hot = np.eye(CLASSES, dtype="float32")[labels]
    for form in (labels[:, None], labels.astype("int32"), one_hot):
        np.testing.assert_allclose(_measured(build(), (form, logits)), expected, rtol=1e-6)
    metric = build()
    metric.update_state(labels, logits, sample_weight=np.ones(11))
    np.testing.assert_allclose(float(metric.result()), expected, rtol=1e-6)


def _metric_works_inside_a_model(build, inputs, expected):
    labels, logits = inputs
    model = keras.Sequential([keras.Input((CLASSES,)), keras.layers.Rescaling(1.0)])
    metric = build()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss, metrics=[metric])
    for one in (model, _saved_and_loaded(model)):
        logs = one.evaluate(logits, labels, batch_size=4, verbose=0, return_dict=True)
        np.testing.assert_allclose(logs[metric.name], expected, rtol=1e-5)


# Models


def _model_is_copied_and_saved(model, inputs, apply=None):
    apply = apply or (lambda one: one(inputs))
    for _ in range(2):
        expected = apply(model)
        for other in (
            copy.deepcopy(model),
            pickle.loads(pickle.dumps(model)),
            _saved_and_loaded(model),
        ):
            np.testing.assert_allclose(apply(other), expected, rtol=1e-5, atol=1e-5)
        if not model.compiled:
            labels = labels_of(len(inputs))
            _trains(model, inputs, labels)  # and once more, after use
    clone = keras.models.clone_model(model)
    assert [one.shape for one in clone.get_weights()] == [one.shape for one in model.get_weights()]


def _model_is_the_same_under_xla(model, inputs):
    inputs = tf.constant(inputs)
    compiled = tf.function(lambda given: model(given, training=False), jit_compile=True)
    np.testing.assert_allclose(
        compiled(inputs), model(inputs, training=False), rtol=1e-4, atol=1e-4
    )

    def gradients(given):
        with tf.GradientTape():
            loss = tf.reduce_mean(tf.nn.log_softmax(model(given, training=True))[:, 0])
        return loss

    np.testing.assert_allclose(
        tf.function(gradients, jit_compile=True)(inputs), gradients(inputs), rtol=1e-3, atol=1e-4
    )


def _images_do_not_depend_on_each_other(model, inputs):
    together = model(inputs, training=False)
    for count in (1, 3):
        np.testing.assert_allclose(
            model(inputs[:count], training=False), together[:count], rtol=1e-4, atol=1e-4
        )


def _trains(model, images, labels, batch_size=None):
    """Fit for an epoch, the last batch of which is smaller where the numbers are not even."""
    with model.distribute_strategy.scope():
        optimizer = keras.optimizers.SGD(1e-4)
        if labels is None:
            model.compile(optimizer)
        else:
            model.compile(optimizer, LOSS)
    model.run_eagerly = not _is_distributed(model)
    before = [weight.copy() for weight in model.get_weights()]
    batch_size = batch_size or len(images)
    history = model.fit(images, labels, batch_size=batch_size, shuffle=False, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    after = model.get_weights()
    assert all(np.isfinite(weight).all() for weight in after)
    assert any((one != other).any() for one, other in zip(before, after, strict=True))


def _replicas_agree(model):
    for variable in model.trainable_variables:
        first, second = (replica.numpy() for replica in variable.value.values)
        np.testing.assert_array_equal(first, second, err_msg=variable.path)


# What they share


@contextlib.contextmanager
def dtype_policy(name):
    """Set Keras' dtype policy for the block."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


@functools.cache
def replicas():
    """Return a strategy of two replicas on the two logical processors of conftest.py."""
    # TensorFlow's collective operations take the first steps of several strategies in one process
    # for the same.
    return tf.distribute.MirroredStrategy(
        ["CPU:0", "CPU:1"], cross_device_ops=tf.distribute.ReductionToOneDevice()
    )


def _is_distributed(model):
    return model.distribute_strategy.num_replicas_in_sync > 1


def _saved_and_loaded(model):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "model.keras")
        model.save(path)
        return keras.saving.load_model(path)


def _call(build, image_shape):
    parameters = inspect.signature(build).parameters.values()
    needed = [one for one in parameters if one.default is one.empty and one.kind not in _VARIABLE]
    return build(image_shape) if needed else build()


def _in_range(images):
    images = np.asarray(images, "float32")
    assert images.min() >= -1e-3
    assert images.max() <= 255.0 + 1e-3


def _same(one, other, atol=0.0):
    one, other = tf.nest.flatten(tuple(one)), tf.nest.flatten(tuple(other))
    assert len(one) == len(other)
    for first, second in zip(one, other, strict=True):
        if first is None:
            assert second is None
        else:
            np.testing.assert_allclose(
                tf.cast(first, tf.float32), tf.cast(second, tf.float32), rtol=1e-5, atol=atol
            )
