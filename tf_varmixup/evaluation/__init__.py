"""Measure any classifier: on clean images and under every corruption at every severity."""

from tf_varmixup.evaluation.evaluate import evaluate
from tf_varmixup.evaluation.evaluation import Evaluation
from tf_varmixup.evaluation.grid import GridCell, evaluate_grid, grid_cells
from tf_varmixup.evaluation.latent_space import latent_gap, latent_space_summary
from tf_varmixup.evaluation.loaded_predictor import load_predictor
from tf_varmixup.evaluation.mixed_probabilities import combined_probabilities, mixed_probabilities
from tf_varmixup.evaluation.mixup_inference import MixupInference
from tf_varmixup.evaluation.prediction import predict_logits
from tf_varmixup.evaluation.predictor import Predictor, at_temperature, model_predictor
from tf_varmixup.evaluation.stored_grid import stored_grid_cells
from tf_varmixup.evaluation.summary import mean_corruption_error, mean_summary
from tf_varmixup.evaluation.table import cell_row, write_cells

__all__ = [
    "Evaluation",
    "GridCell",
    "MixupInference",
    "Predictor",
    "at_temperature",
    "cell_row",
    "combined_probabilities",
    "evaluate",
    "evaluate_grid",
    "grid_cells",
    "latent_gap",
    "latent_space_summary",
    "load_predictor",
    "mean_corruption_error",
    "mean_summary",
    "mixed_probabilities",
    "model_predictor",
    "predict_logits",
    "stored_grid_cells",
    "write_cells",
]
