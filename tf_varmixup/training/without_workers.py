"""The models of a run, once its workers have trained them together."""

from typing import Any

from tf_varmixup.loading import load_model
from tf_varmixup.run.folder import RunFolder
from tf_varmixup.training import autoencoder_stage, classifier_stage


def without_workers(run: RunFolder, image_shape: tuple[int, int, int]) -> tuple[Any, Any]:
    """Load the models of a run's folder, for one process to use without the others.

    Some variables of a model that several workers train can be read by all of them together alone.

    Args:
        run: The run's folder.
        image_shape: `(H, W, C)`.

    Returns:
        The classifier, and the autoencoder or None.
    """
    file = run / autoencoder_stage.FILE
    classifier = load_model(run / classifier_stage.FILE, compile=False)
    if not file.exists():
        return classifier, None
    return classifier, autoencoder_stage.load_autoencoder(file, image_shape)
