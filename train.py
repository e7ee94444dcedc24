"""Train, measure, export and report a classifier, by VarMixup or another vicinal distribution.

The main job, on CIFAR-10 (downloaded by TFDS):

    python train.py --dataset cifar10

Without a network, in about three minutes; a shorter run; a control that shares the autoencoder of a
finished run:

    python train.py --dataset digits
    python train.py --dataset cifar10 --preset quick
    python train.py --dataset cifar10 --preset quick --method mixup --vae
    runs/cifar10-varmixup-seed0

`python train.py --help` lists every flag. Results go to `runs/<dataset>-<method>-seed<seed>`.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import contextlib
import functools
import pathlib
import sys

import keras
import rich
import rich.progress
import tensorflow as tf

from callbacks import (
    CalibrationCallback,
    CorruptionRobustnessCallback,
    EpochCheckpoint,
    TrainingProgress,
)
from models import VariationalAutoencoder, classifier_builder
from tf_varmixup import VicinalClassifier, data, draws, export_saved_model, methods, report
from tf_varmixup.calibration import fit_temperature
from tf_varmixup.corruptions import (
    BENCHMARK,
    SEVERITIES,
    CorruptionBenchmark,
    published_corruptions,
)
from tf_varmixup.evaluation import (
    cell_row,
    evaluate_stored_grid,
    mean_summary,
    predict_logits,
    write_cells,
)
from tf_varmixup.metrics import classification_summary
from tf_varmixup.run import (
    RunFolder,
    distribution_strategy,
    dtype_policy,
    environment,
    history,
    parse_settings,
    resolve,
)

tf.get_logger().setLevel(
    "ERROR"
)  # two models in one process look to TensorFlow like needless retracing
FIGURES = (
    "loss",
    "psnr",
    "val_psnr",
    "accuracy",
    "val_accuracy",
    "val_ece",
)  # shown beside the progress bar


def main(arguments=None):
    """Read the command line, refuse what is wrong with it, and carry out the recipe."""
    settings = parse_settings(arguments, classifier_builder)
    try:
        keras.utils.set_random_seed(settings.seed)
        keras.config.set_dtype_policy(dtype_policy(settings.precision))
        strategy = distribution_strategy(settings.strategy)
        images, run, autoencoder = set_up(settings, strategy)
    except (ValueError, OSError) as error:
        sys.exit(_stop(f"error: {error}", status=2))
    try:
        carry_out(settings, images, run, autoencoder, strategy)
    except FloatingPointError as error:
        sys.exit(_stop(f"error: {error}", status=1))
    except KeyboardInterrupt:
        sys.exit(
            _stop(
                f"interrupted; what is done is kept in {run.path}, and the same command with --resume goes on",
                status=130,
            )
        )


def carry_out(settings, images, run, autoencoder, strategy):
    """The recipe."""
    # 1. The vicinity: a variational autoencoder of the training pictures, trained first and frozen.
    if autoencoder is not None:
        with run.stage("vae"):
            autoencoder, vae_metrics = train_autoencoder(
                autoencoder, images, settings, run, strategy
            )
    # 2. The vicinal risk: a classifier trained on draws from the vicinity.
    vicinal = methods.create(
        settings.method,
        autoencoder=autoencoder,
        alpha=settings.alpha,
        lambda_per=settings.lambda_per,
        latents=settings.latents,
        clean_share=settings.clean_share,
    )
    with run.stage("classifier"):
        classifier = train_classifier(vicinal, images, settings, run, strategy)
    # 3. What it buys: accuracy and calibration on clean and on corrupted pictures, before and after
    # temperature scaling.
    with run.stage("evaluation"):
        benchmark = corruption_benchmark(images, settings)
        metrics, cells, logits = evaluate(classifier, images, benchmark, run)
    # 4. What is left of it: a SavedModel that takes pictures, the figures, and a page about it all.
    with run.stage("export"):
        if not (run / "saved_model").exists():
            export_saved_model(
                run / "saved_model",
                classifier,
                images.image_shape,
                metrics["temperature"],
                autoencoder,
            )
        _say("export", f"{run / 'saved_model'}")
    with run.stage("report"):
        rows = [cell_row(cell) for cell in cells]
        batch = vicinal.sample(
            *next(iter(_training_batches(images, settings))),
            draws.fold(draws.run_seed(settings.seed), 0, 0),
        )
        curves = history.read(run / "history.csv")
        figures = report.run_figures(
            images, batch, autoencoder, logits, metrics["temperature"], rows, curves
        )
        if autoencoder is not None:
            metrics["vae"] = vae_metrics
        metrics |= {
            "timing": run.timing,
            "environment": environment(keras.config.dtype_policy().name),
        }
        report.write_report(
            run.path,
            run.path.name,
            run.config,
            metrics,
            rows,
            figures,
            notes(metrics["corruptions"]),
        )
        _say("report", f"{run / 'report.html'}")
    run.finish({**metrics, "timing": run.timing})
    rich.print(report.results_table(metrics))


def set_up(settings, strategy):
    """Load the data and an autoencoder that is given, and open the run's folder: whatever can be
    wrong is found here."""
    name = (
        pathlib.Path(settings.dataset).resolve().name
        if os.path.isdir(settings.dataset)
        else settings.dataset.replace("/", "-")
    )
    path = (
        settings.run_dir or pathlib.Path("runs") / f"{name}-{settings.method}-seed{settings.seed}"
    )
    RunFolder.check(path, settings.resume)
    images = data.load_data(settings.dataset, settings.data_dir, settings.image_size)
    resolve(settings, len(images.train), len(images.test))
    height, width, channels = images.image_shape
    _say(
        "data",
        f"{images.name}: {len(images.train):,} training, {len(images.validation):,} validation and {len(images.test):,} test, "
        f"{height} x {width} x {channels}, {images.num_classes} classes",
    )
    corruption_benchmark(images, settings)
    autoencoder = None
    # In the tf.data graph the autoencoder works on the host, where its weights must be then.
    with (
        strategy.scope(),
        tf.device("CPU:0") if settings.mix_in == "data" else contextlib.nullcontext(),
    ):
        if settings.vae is not None:
            autoencoder = load_autoencoder(settings.vae, images.image_shape)
        elif "autoencoder" in methods.settings_of(settings.method):
            autoencoder = VariationalAutoencoder(images.image_shape, seed=settings.seed)
    config = {
        name: os.fspath(value) if isinstance(value, pathlib.Path) else value
        for name, value in vars(settings).items()
    }
    return images, RunFolder(path, config, settings.resume), autoencoder


def corruption_benchmark(images, settings):
    """Put the test pictures under all corruptions, or under the published ones, 15 or more, where
    their folder is given."""
    folder = settings.corruption_dir
    corruptions = "all" if folder is None else published_corruptions(folder, images.image_shape)
    return CorruptionBenchmark(
        images.test,
        corruptions,
        max_pictures=settings.corruption_pictures,
        seed=settings.seed,
        published=folder,
    )


def load_autoencoder(path, image_shape):
    """Load the autoencoder of a file, or of a run's folder, and check that it fits the pictures."""
    file = path / "vae.keras" if path.is_dir() else path
    if not file.is_file():
        raise FileNotFoundError(f"--vae: there is no {file}.")
    autoencoder = keras.saving.load_model(file, compile=False)
    if tuple(getattr(autoencoder, "image_shape", ())) != tuple(image_shape):
        raise ValueError(f"--vae: {file} is not an autoencoder of pictures {image_shape}.")
    return autoencoder


def train_autoencoder(autoencoder, images, settings, run, strategy):
    """Fit the autoencoder to the training pictures, unless it came trained, and measure it on the
    test pictures."""
    if (run / "vae.keras").exists():
        autoencoder.load_weights(run / "vae.keras")
    elif settings.vae is None:
        steps = data.steps_per_epoch(images.train, settings.batch_size)
        with strategy.scope():
            autoencoder.compile(
                keras.optimizers.Adam(_warmup_and_decay(4e-3, settings.vae_epochs * steps))
            )
        _fit(autoencoder, images, settings, run, "vae", settings.vae_epochs, [])
    if not (run / "vae.keras").exists():
        run.save_model(autoencoder, "vae.keras")
    with strategy.scope():
        autoencoder.compile()
    test = data.evaluation_batches(images.test, settings.batch_size, images.num_classes)
    measured = autoencoder.evaluate(test, verbose=0, return_dict=True)
    metrics = {
        "elbo": measured["log_likelihood"] - measured["kl"],
        **{name: measured[name] for name in ("kl", "mse", "psnr", "active_units")},
    }
    metrics = {name: float(value) for name, value in metrics.items()}
    _say(
        "vae",
        f"PSNR {metrics['psnr']:.2f} dB, ELBO {metrics['elbo']:.0f} and KL {metrics['kl']:.0f} nats a picture, "
        f"{metrics['active_units']:.0f} active units",
    )
    return autoencoder, metrics


def train_classifier(vicinal, images, settings, run, strategy):
    """Minimise the vicinal risk by stochastic gradient descent with Nesterov's momentum."""
    steps = data.steps_per_epoch(images.train, settings.batch_size)
    with strategy.scope():
        backbone = classifier_builder(settings.classifier)(images.image_shape, images.num_classes)
        classifier = VicinalClassifier(
            backbone,
            vicinal if settings.mix_in == "step" else None,
            settings.seed,
            name="classifier",
        )
        # Keras decays weights apart from the gradient: 5e-3 under momentum 0.9 is the literature's
        # 5e-4.
        optimizer = keras.optimizers.SGD(
            _warmup_and_decay(
                settings.learning_rate * settings.batch_size / 256, settings.epochs * steps
            ),
            momentum=0.9,
            nesterov=True,
            weight_decay=settings.weight_decay,
        )
        classifier.compile(
            optimizer, keras.losses.CategoricalCrossentropy(from_logits=True), metrics=["accuracy"]
        )
    if (run / "classifier.keras").exists():
        classifier.load_weights(run / "classifier.keras")
    else:
        measures = [
            CalibrationCallback((images.validation.images, images.validation.labels)),
            # The validation corruptions only: the benchmark's own are for the final report.
            CorruptionRobustnessCallback(
                images.validation.images,
                images.validation.labels,
                "validation",
                SEVERITIES[::2],
                max_pictures=250,
                every=max(1, settings.epochs // 4),
            ),
            keras.callbacks.CSVLogger(run / "history.csv", append=True),
        ]
        mix = (
            functools.partial(vicinal.map, seed=settings.seed)
            if settings.mix_in == "data"
            else None
        )
        _fit(classifier, images, settings, run, "classifier", settings.epochs, measures, mix)
        run.save_model(classifier, "classifier.keras")
    last = history.read(run / "history.csv")
    _say(
        "classifier",
        f"{settings.method}: validation accuracy {last['val_accuracy'][-1]:.2%}, ECE {last['val_ece'][-1]:.2%}",
    )
    return classifier


def evaluate(classifier, images, benchmark, run):
    """Measure the last epoch's classifier; the temperature is fitted on the validation pictures."""
    predict = tf.function(lambda pictures: classifier(pictures, training=False))
    temperature = fit_temperature(
        predict_logits(predict, images.validation), images.validation.labels
    )
    logits = predict_logits(predict, images.test)
    with rich.progress.Progress() as progress:
        task = progress.add_task("corruptions", total=len(benchmark))
        cells = evaluate_stored_grid(
            run.checkpoints / "grid",
            predict,
            benchmark,
            on_cell=lambda cell: progress.advance(task),
        )
    counted = [cell for cell in cells if cell.corruption in BENCHMARK]
    metrics = {
        "clean": classification_summary(logits, images.test.labels),
        "corrupted": mean_summary(counted),
        "clean_after_temperature": classification_summary(logits, images.test.labels, temperature),
        "corrupted_after_temperature": mean_summary(counted, temperature),
        "temperature": temperature,
        "corruptions": {**benchmark.origin, "pictures": len(cells[0].labels)},
    }
    write_cells(run / "corruptions.csv", cells)
    _say(
        "evaluation",
        f"accuracy {metrics['clean']['accuracy']:.2%} clean, {metrics['corrupted']['accuracy']:.2%} corrupted; "
        f"temperature {temperature:.3f}",
    )
    return metrics, cells, logits


def notes(origin):
    """Say what a reader of the figures must know about their making; `origin` is the `corruptions`
    of metrics.json."""
    recipe = "The corrupted pictures are published ones, read from --corruption_dir."
    if origin["source"] == "regenerated":
        recipe = (
            f"The corrupted pictures were regenerated with the constants of {origin['constants']}, not published ones; "
            f"frost: {origin['frost']}."
        )
    return [
        f"{recipe} Each corruption and severity was measured on the first {origin['pictures']:,} test pictures.",
        "Figures are the last epoch's. Nothing was chosen on the test pictures.",
    ]


def _fit(model, images, settings, run, name, epochs, callbacks, mix=None):
    """Fit from where an interrupted run stopped, or from the beginning."""
    steps = data.steps_per_epoch(images.train, settings.batch_size)
    checkpoint = EpochCheckpoint(run.checkpoints / f"{name}.weights.h5")
    first_epoch = checkpoint.restore(model, steps)
    if name == "classifier":
        history.truncate(run / "history.csv", first_epoch)
    batches = _training_batches(images, settings, first_epoch)
    if mix is not None:
        batches = mix(batches, first_step=first_epoch * steps)
    validation = data.evaluation_batches(images.validation, settings.batch_size, images.num_classes)
    with contextlib.closing(TrainingProgress(name, FIGURES)) as progress:
        model.fit(
            batches,
            epochs=epochs,
            initial_epoch=first_epoch,
            steps_per_epoch=steps,
            validation_data=validation,
            shuffle=False,
            callbacks=[*callbacks, checkpoint, progress],
            verbose=0,
        )


def _training_batches(images, settings, first_epoch=0):
    padding = max(
        int(settings.shift * images.image_shape[0]), int(settings.shift > 0)
    )  # a pixel at least, if any
    augmentation = functools.partial(data.augment, flip=images.flip, padding=padding)
    return data.training_batches(
        images.train,
        settings.batch_size,
        images.num_classes,
        settings.seed,
        augmentation,
        first_epoch,
    )


def _warmup_and_decay(peak, steps):
    """The learning rate rises linearly over the first tenth of the steps and falls to zero along a
    cosine."""
    warmup = max(1, steps // 10)
    return keras.optimizers.schedules.CosineDecay(
        peak / 10, max(1, steps - warmup), 0.0, warmup_target=peak, warmup_steps=warmup
    )


def _say(stage, outcome):
    rich.get_console().print(
        f"[bold]{stage:>10}[/bold]  {rich.markup.escape(outcome)}", highlight=False, soft_wrap=True
    )


def _stop(reason, status):
    print(f"train.py: {' '.join(reason.split())}", file=sys.stderr)
    return status


if __name__ == "__main__":
    main()
