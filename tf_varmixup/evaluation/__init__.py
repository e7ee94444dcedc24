"""A classifier against the grid of corruptions and severities."""

from .grid import GridCell, evaluate_grid, grid_cells
from .prediction import predict_logits
from .stored_grid import evaluate_stored_grid
from .summary import mean_corruption_error, mean_summary
from .table import cell_row, write_cells

__all__ = [
    "GridCell",
    "cell_row",
    "evaluate_grid",
    "evaluate_stored_grid",
    "grid_cells",
    "mean_corruption_error",
    "mean_summary",
    "predict_logits",
    "write_cells",
]
