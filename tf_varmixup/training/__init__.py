"""The stages of a run, each of which can be stopped and resumed."""

from tf_varmixup.training.autoencoder_stage import (
    load_autoencoder,
    make_autoencoder,
    train_autoencoder,
)
from tf_varmixup.training.batches import training_batches
from tf_varmixup.training.benchmark import corruption_benchmark
from tf_varmixup.training.classifier_stage import make_classifier, train_classifier
from tf_varmixup.training.fitted_blur import fit_blur, fit_parameters
from tf_varmixup.training.grid_of_workers import measure_grid
from tf_varmixup.training.latent_space_stage import measure_latent_space
from tf_varmixup.training.method_stage import check_method, drawn_batch, make_method
from tf_varmixup.training.reference_classifier import reference_classifier
from tf_varmixup.training.rehearsal import check_size, rehearse, undisturbed
from tf_varmixup.training.resumable_fit import resumable_fit
from tf_varmixup.training.schedules import warmup_and_decay
from tf_varmixup.training.without_workers import without_workers

__all__ = [
    "check_method",
    "check_size",
    "corruption_benchmark",
    "drawn_batch",
    "fit_blur",
    "fit_parameters",
    "load_autoencoder",
    "make_autoencoder",
    "make_classifier",
    "make_method",
    "measure_grid",
    "measure_latent_space",
    "reference_classifier",
    "rehearse",
    "resumable_fit",
    "train_autoencoder",
    "train_classifier",
    "training_batches",
    "undisturbed",
    "warmup_and_decay",
    "without_workers",
]
