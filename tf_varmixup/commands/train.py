"""Train, measure, export and report a classifier: the recipe of a run, from top to bottom."""

import contextlib
import dataclasses
import os
import pathlib
import shutil
from collections.abc import Sequence
from typing import Any

from tf_varmixup.commands import outcomes
from tf_varmixup.commands.console import (
    in_flags,
    progress_over,
    say,
    stop,
    terminated_as_interrupted,
)
from tf_varmixup.commands.recipe_flags import parse_recipe
from tf_varmixup.commands.workers import as_worker, runs_apart
from tf_varmixup.files import path_digest
from tf_varmixup.run.cluster import Cluster, read_cluster
from tf_varmixup.run.recipe import Recipe, ResolvedRecipe, roles

# TensorFlow, and what needs it, is imported once the arguments are known to be good.


def main(arguments: Sequence[str] | None = None, program: str = "varmixup-train") -> None:
    """Read the command line, refuse what is wrong with it, and carry out the recipe.

    The process of one of several workers ends here, whatever becomes of the run.

    Args:
        arguments: The command line's arguments; None for those of the process.
        program: What the messages call the program.

    Raises:
        SystemExit: With status 2 and one line for anything wrong with the input, 1 for a training
            that diverges or a file that cannot be written, 130 where it is interrupted.
    """
    recipe = parse_recipe(arguments, program)
    try:
        cluster = cluster_of(recipe)
    except ValueError as error:
        stop(program, in_flags(f"error: {error}", list(roles())), status=2)
    # Of a worker that ended, TensorFlow says so to every other in lines of its own.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3" if cluster.several else "2")
    with terminated_as_interrupted(), as_worker(cluster) as scratch:
        try:
            parts = set_up(recipe, scratch)
        except (ValueError, OSError) as error:
            stop(program, in_flags(f"error: {error}", list(roles())), status=2)
        except Exception as error:
            if not (cluster.several and runs_apart(error)):
                raise
            stop(program, "error: another worker ended or cannot be reached", status=2)
        except KeyboardInterrupt:
            stop(program, "interrupted; nothing was written", status=130)
        _carry_out(program, parts)


def cluster_of(recipe: Recipe) -> Cluster:
    """Return the processes of a run: this one, or the workers that TF_CONFIG names.

    Raises:
        ValueError: If TF_CONFIG is needed and missing, or is not as it should be.
    """
    return read_cluster() if recipe.strategy == "multi_worker" else Cluster()


def _carry_out(program: str, parts: dict[str, Any]) -> None:
    import tensorflow as tf

    from tf_varmixup.export import ConversionError
    from tf_varmixup.streaming import unreadable_reason

    with parts["run"] as run:
        cluster = parts["cluster"]
        place = run.path if cluster.is_chief else f"{parts['recipe'].folder()} of the first worker"
        kept = f"what is done is kept in {place}, and the same command with --resume goes on"
        try:
            carry_out(**parts)
        except FloatingPointError as error:
            stop(program, in_flags(f"error: {error}", list(roles())), status=1)
        except OSError as error:
            stop(program, f"error: {error}; {kept}", status=1)
        except (MemoryError, tf.errors.ResourceExhaustedError) as error:
            reason = str(error).partition("\n")[0]
            stop(program, f"error: out of memory: {reason}; {kept}", status=1)
        except ConversionError as error:
            stop(program, f"error: {error}; {kept}, without that --export", status=1)
        except tf.errors.OpError as error:
            if unreadable := unreadable_reason(error):
                stop(program, f"error: {unreadable}; {kept}", status=1)
            if not (cluster.several and runs_apart(error)):
                raise
            stop(program, f"error: another worker ended or cannot be reached; {kept}", status=1)
        except KeyboardInterrupt:
            stop(program, f"interrupted; {kept}", status=130)


def set_up(recipe: Recipe, scratch: pathlib.Path | None = None) -> dict[str, Any]:
    """Load the data, make what can be wrong, and last of all the run's folder.

    Args:
        recipe: A `Recipe`.
        scratch: Where a worker writes that is not the chief.

    Returns:
        The arguments of `carry_out`.

    Raises:
        ValueError: If a setting, the data or another worker is not as it should be.
        OSError: If a file cannot be read, or the run's folder cannot be made.
    """
    cluster = cluster_of(recipe)
    import tensorflow as tf

    from tf_varmixup import run as runs
    from tf_varmixup import training
    from tf_varmixup.keras_settings import check_keras_settings

    tf.get_logger().setLevel("ERROR")  # two models in one process look like needless retracing
    check_keras_settings()
    # Several workers are made known to TensorFlow before it does anything else.
    strategy_name = runs.resolve_strategy(recipe.strategy, recipe.mix_in)
    strategy = runs.distribution_strategy(strategy_name)
    with runs.Agreement(strategy, cluster) as agreement:
        parts = _checked(recipe, strategy, strategy_name, cluster)
        agreement.settings = runs.shared_settings(parts["recipe"])
    resolved: ResolvedRecipe = parts["recipe"]
    if cluster.several and parts["autoencoder"] is not None:
        shape = parts["dataset"].image_shape
        with strategy.scope():
            parts["autoencoder"] = training.make_autoencoder(shape, resolved)
    with runs.Agreement(strategy, cluster):
        resume = resolved.resume and cluster.is_chief
        run = runs.RunFolder(scratch or resolved.folder(), resolved.config(), resume)
    return {**parts, "run": run, "strategy": strategy, "cluster": cluster}


def _checked(recipe: Recipe, strategy: Any, strategy_name: str, cluster: Cluster) -> dict[str, Any]:
    """Load the data and make what can be wrong, without waiting for other workers."""
    import keras
    import tensorflow as tf

    from tf_varmixup import data, training
    from tf_varmixup import run as runs
    from tf_varmixup.siblings import sibling

    sibling("models").classifier_builder(recipe.classifier, recipe.classifier_weights)
    if cluster.is_chief:
        runs.RunFolder.check(recipe.folder(), recipe.resume)
    keras.utils.set_random_seed(recipe.seed)
    precision = runs.resolve_precision(recipe.precision)
    keras.config.set_dtype_policy(runs.dtype_policy(precision))

    dataset = data.load_data(
        recipe.dataset, recipe.data_dir, recipe.image_size, stream=recipe.stream or None
    )
    recipe = dataclasses.replace(recipe, stream=dataset.is_streamed)
    if recipe.flip is not None:
        dataset = dataclasses.replace(dataset, flip=recipe.flip)
    counts = len(dataset.train), len(dataset.test)
    recipe = recipe.resolved(*counts, dataset.flip, precision, strategy_name)
    training.check_size(recipe, dataset, strategy.num_replicas_in_sync)
    say("data", outcomes.of_data(dataset))
    benchmark = training.corruption_benchmark(dataset, recipe)
    with contextlib.ExitStack() as stack:
        if cluster.several:  # in the scope, workers wait for each other: it is made again there
            stack.enter_context(training.undisturbed())
        else:
            stack.enter_context(strategy.scope())
        if recipe.mix_in == "data":
            # In the tf.data graph the autoencoder works on the host, where its weights must be.
            stack.enter_context(tf.device("CPU:0"))
        autoencoder = training.make_autoencoder(dataset.image_shape, recipe)
    if autoencoder is not None:  # one that was named has settings of its own
        recipe = dataclasses.replace(
            recipe,
            vae_digest=None if recipe.vae is None else runs.weights_digest(autoencoder),
            vae_latent=getattr(autoencoder, "latent", "spatial"),
            likelihood_scale=autoencoder.likelihood_scale,
            vae_objective=getattr(autoencoder, "objective", "elbo"),
            vae_adversarial_radius=getattr(autoencoder, "adversarial_radius", 0.0),
        )
    training.check_method(recipe, autoencoder, dataset)
    training.rehearse(recipe, autoencoder, dataset, strategy.num_replicas_in_sync)
    weights = recipe.classifier_weights
    recipe = dataclasses.replace(
        recipe,
        data_digest=runs.data_digest(dataset),
        classifier_weights_digest=None if weights is None else path_digest(weights),
        corruption_digest=runs.corruption_digest(benchmark),
    )
    return {
        "recipe": recipe,
        "dataset": dataset,
        "benchmark": benchmark,
        "autoencoder": autoencoder,
    }


def carry_out(
    recipe: ResolvedRecipe,
    dataset: Any,
    benchmark: Any,
    autoencoder: Any,
    run: Any,
    strategy: Any,
    cluster: Cluster,
) -> None:
    """Carry out the recipe."""
    import keras
    import rich
    import tensorflow as tf

    from tf_varmixup import evaluation, report, training
    from tf_varmixup import run as runs
    from tf_varmixup.export import export_formats, export_saved_model
    from tf_varmixup.run import history

    environment = runs.environment(keras.config.dtype_policy().name)
    if strategy.num_replicas_in_sync > 1:
        environment["replicas"] = strategy.num_replicas_in_sync
    environment = run.record_environment(environment)
    facts: dict[str, Any] = {}
    # 1. The vicinity: a variational autoencoder of the training images, trained first and frozen.
    if autoencoder is not None:
        with run.stage("vae"):
            facts["vae"] = training.train_autoencoder(autoencoder, dataset, recipe, run, strategy)
        say("vae", outcomes.of_autoencoder(facts["vae"]))
    # 2. The vicinal risk: a classifier trained on draws from the vicinity.
    recipe, fitted = training.fit_parameters(recipe, autoencoder, dataset)
    if fitted:
        facts["fitted"] = fitted
        say("fitted", outcomes.of_fitted(fitted))
    method = training.make_method(recipe, autoencoder)
    with run.stage("classifier"):
        classifier = training.train_classifier(method, dataset, recipe, run, strategy)
    if cluster.several:  # what is left is done on models that are each worker's own
        classifier, autoencoder = training.without_workers(run, dataset.image_shape)
        method = training.make_method(recipe, autoencoder)
        with run.stage("evaluation"), progress_over(len(benchmark), "corruptions") as on_cell:
            training.measure_grid(
                evaluation.model_predictor(classifier),
                benchmark,
                run.kept / "grid",
                dataset.num_classes,
                strategy,
                cluster,
                on_cell,
            )
    if not cluster.is_chief:  # the chief does the rest alone
        runs.wait_for_all(strategy, cluster)
        return
    curves = history.read(run / "history.csv")
    say("classifier", outcomes.of_classifier(recipe.method, curves))
    # 3. The measure: accuracy and calibration on clean and on corrupted images, before and after
    #    temperature scaling; and whether what lies between two images looks like one.
    with run.stage("evaluation"), progress_over(len(benchmark), "corruptions") as on_cell:
        predict = evaluation.model_predictor(classifier)
        kept = run.kept / "grid"
        measured = evaluation.evaluate(
            predict, dataset.test, dataset.validation, benchmark, store=kept, on_cell=on_cell
        )
        evaluation.write_cells(run / "corruptions.csv", measured.rows())
        if autoencoder is not None:
            facts["vae"] |= training.measure_latent_space(method, autoencoder, dataset, recipe)
    metrics = measured.metrics() | facts
    if "latent_gap" in facts.get("vae", {}):
        say("midpoints", outcomes.of_midpoints(facts["vae"]))
    say("evaluation", outcomes.of_evaluation(metrics))
    # 4. What stays: a SavedModel that takes images, in other formats too, and a page with plots
    #    about it all.
    with run.stage("export"):
        shutil.rmtree(run / "saved_model", ignore_errors=True)  # of a run that was interrupted
        export_saved_model(
            run / "saved_model",
            classifier,
            dataset.image_shape,
            metrics["temperature"],
            autoencoder,
            class_names=dataset.class_names,
            dataset=dataset.name,
            vector_scaling=measured.vector_scaling,
            method=recipe.method,
        )
        seen = dataset.validation.images[:64]
        exported = export_formats(run / "saved_model", recipe.export, classifier, seen)
    say("export", ", ".join(map(str, exported)))
    with run.stage("report"):
        batch = training.drawn_batch(method, classifier, dataset, recipe)
        rows = measured.rows()
        plots = report.run_plots(
            dataset,
            batch,
            autoencoder,
            measured.logits,
            measured.temperature,
            rows,
            curves,
            method,
            corrupted=report.corrupted_reliability(measured.cells, measured.temperature),
        )
        metrics |= {"timing": run.timing, "environment": environment}
        notes = outcomes.notes(metrics["corruptions"])
        settings = run.config | recipe.method_parameters  # with what was fitted
        report.write_report(run.path, run.path.name, settings, metrics, rows, plots, notes)
    say("report", f"{run / 'report.html'}")
    run.finish({**metrics, "timing": run.timing})
    rich.print(report.results_table(metrics))
    with contextlib.suppress(tf.errors.OpError):  # the run is finished, whoever else ended
        runs.wait_for_all(strategy, cluster)
