"""Measure any classifier: on clean images and under every corruption at every severity."""

from tf_varmixup.evaluation.adversarial import measure_adversarial
from tf_varmixup.evaluation.corruption_error import corruption_errors
from tf_varmixup.evaluation.corruption_rows import read_clean_error, read_rows
from tf_varmixup.evaluation.detection import ModelForm, detect_form
from tf_varmixup.evaluation.evaluate import evaluate
from tf_varmixup.evaluation.evaluation import Evaluation
from tf_varmixup.evaluation.grid import GridCell, evaluate_grid, grid_cells
from tf_varmixup.evaluation.interpolation_smoothness import measure_interpolation
from tf_varmixup.evaluation.intervals import (
    classification_intervals,
    mean_intervals,
    value_intervals,
)
from tf_varmixup.evaluation.latent_space import latent_gap, latent_space_summary
from tf_varmixup.evaluation.loaded_classifier import LoadedClassifier, load_classifier
from tf_varmixup.evaluation.loaded_predictor import load_predictor
from tf_varmixup.evaluation.local_linearity import measure_local_linearity
from tf_varmixup.evaluation.measured_values import MeasuredValues
from tf_varmixup.evaluation.mixed_probabilities import combined_probabilities, mixed_probabilities
from tf_varmixup.evaluation.mixup_inference import MixupInference
from tf_varmixup.evaluation.ood_intervals import ood_intervals
from tf_varmixup.evaluation.percentiles import percentile_interval
from tf_varmixup.evaluation.prediction import predict_logits
from tf_varmixup.evaluation.predictor import Predictor, at_temperature, model_predictor
from tf_varmixup.evaluation.stored_grid import stored_grid_cells
from tf_varmixup.evaluation.summary import mean_corruption_error, mean_summary
from tf_varmixup.evaluation.table import cell_row, write_cells

__all__ = [
    "Evaluation",
    "GridCell",
    "LoadedClassifier",
    "MeasuredValues",
    "MixupInference",
    "ModelForm",
    "Predictor",
    "at_temperature",
    "cell_row",
    "classification_intervals",
    "combined_probabilities",
    "corruption_errors",
    "detect_form",
    "evaluate",
    "evaluate_grid",
    "grid_cells",
    "latent_gap",
    "latent_space_summary",
    "load_classifier",
    "load_predictor",
    "mean_corruption_error",
    "mean_intervals",
    "mean_summary",
    "measure_adversarial",
    "measure_interpolation",
    "measure_local_linearity",
    "mixed_probabilities",
    "model_predictor",
    "ood_intervals",
    "percentile_interval",
    "predict_logits",
    "read_clean_error",
    "read_rows",
    "stored_grid_cells",
    "value_intervals",
    "write_cells",
]
