"""What a run leaves for its reader: tables, figures and one self-contained HTML page."""

from .figures_calibration import reliability_diagram
from .figures_corruptions import contact_sheet
from .figures_latent import interpolations, reconstructions
from .figures_robustness import corruption_heatmap
from .figures_training import learning_curves, training_batch
from .page import write_report
from .run_figures import run_figures
from .tables import markdown_table, results_table

__all__ = [
    "contact_sheet",
    "corruption_heatmap",
    "interpolations",
    "learning_curves",
    "markdown_table",
    "reconstructions",
    "reliability_diagram",
    "results_table",
    "run_figures",
    "training_batch",
    "write_report",
]
