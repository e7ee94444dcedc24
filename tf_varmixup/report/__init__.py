"""Reports of finished runs: tables, plots and one self-contained HTML page."""

from tf_varmixup.report.page import write_report
from tf_varmixup.report.plots_calibration import reliability_diagram
from tf_varmixup.report.plots_corruptions import contact_sheet
from tf_varmixup.report.plots_latent import interpolations, reconstructions
from tf_varmixup.report.plots_robustness import corruption_heatmap
from tf_varmixup.report.plots_training import learning_curves, training_batch
from tf_varmixup.report.run_plots import run_plots
from tf_varmixup.report.tables import markdown_table, results_table

__all__ = [
    "contact_sheet",
    "corruption_heatmap",
    "interpolations",
    "learning_curves",
    "markdown_table",
    "reconstructions",
    "reliability_diagram",
    "results_table",
    "run_plots",
    "training_batch",
    "write_report",
]
