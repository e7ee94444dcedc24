"""The autoencoder that runs of a study share: the first stage of a run, and no more."""

import os
from collections.abc import Sequence

from tf_varmixup.commands import outcomes
from tf_varmixup.commands.console import in_flags, say, stop
from tf_varmixup.commands.recipe_flags import parse_recipe
from tf_varmixup.commands.train import set_up
from tf_varmixup.run.recipe import roles

PROGRAM = "varmixup-study"


def main(arguments: Sequence[str] | None = None) -> None:
    """Train the autoencoder of a run, as train.py with the same flags does, and end there.

    Args:
        arguments: Flags of train.py; None for those of the process.

    Raises:
        SystemExit: As of train.py.
    """
    recipe = parse_recipe(arguments, PROGRAM)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        parts = set_up(recipe)
        import keras

        from tf_varmixup import training
        from tf_varmixup.run import environment

        run = parts["run"]
        given = (parts["autoencoder"], parts["dataset"], parts["recipe"], run, parts["strategy"])
        with run:
            facts = run.record_environment(environment(keras.config.dtype_policy().name))
            with run.stage("vae"):
                metrics = training.train_autoencoder(*given)
            say("vae", outcomes.of_autoencoder(metrics))
            run.finish({"vae": metrics, "environment": facts, "timing": run.timing})
    except (ValueError, OSError) as error:
        stop(PROGRAM, in_flags(f"error: {error}", list(roles())), status=2)
    except FloatingPointError as error:
        stop(PROGRAM, f"error: {error}", status=1)
    except KeyboardInterrupt:
        stop(PROGRAM, "interrupted; the same command goes on", status=130)
