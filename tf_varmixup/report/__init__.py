"""Reports of finished runs: tables, plots and one self-contained HTML page."""

from tf_varmixup.report.baseline import Baseline
from tf_varmixup.report.comparison_page import write_comparison
from tf_varmixup.report.page import write_report
from tf_varmixup.report.plots_calibration import corrupted_reliability, reliability_diagram
from tf_varmixup.report.plots_confidence import risk_coverage, score_histograms
from tf_varmixup.report.plots_corruptions import contact_sheet
from tf_varmixup.report.plots_differences import difference_intervals
from tf_varmixup.report.plots_errors import confidently_wrong
from tf_varmixup.report.plots_latent import interpolations, reconstructions
from tf_varmixup.report.plots_linearity import linearity_distributions
from tf_varmixup.report.plots_robustness import corruption_differences, corruption_heatmap
from tf_varmixup.report.plots_severity import severity_curves
from tf_varmixup.report.plots_training import learning_curves, training_batch
from tf_varmixup.report.run_plots import run_plots
from tf_varmixup.report.tables import markdown_table, results_table

__all__ = [
    "Baseline",
    "confidently_wrong",
    "contact_sheet",
    "corrupted_reliability",
    "corruption_differences",
    "corruption_heatmap",
    "difference_intervals",
    "interpolations",
    "learning_curves",
    "linearity_distributions",
    "markdown_table",
    "reconstructions",
    "reliability_diagram",
    "results_table",
    "risk_coverage",
    "run_plots",
    "score_histograms",
    "severity_curves",
    "training_batch",
    "write_comparison",
    "write_report",
]
