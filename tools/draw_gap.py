"""Draw what a latent gap does to a classifier, for docs/claims.md.

    python tools/draw_gap.py [--study FOLDER]

Writes `docs/images/study_gap.png` from the finished runs in `results/study-cifar10`: the difference
to ERM of VarMixup on three autoencoders, by its recommended parameters and by the paper's, against
the latent gap that the runs measured.
"""

import argparse
import math
import pathlib
import sys
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tf_varmixup.metrics.sections import metric_sections  # noqa: E402
from tf_varmixup.report.comparison_columns import named_columns  # noqa: E402
from tf_varmixup.report.comparison_tables import comparison_tables  # noqa: E402
from tf_varmixup.report.style import BLUE, MUTED, VERMILLION, styled  # noqa: E402
from tf_varmixup.report.table import TableColumn  # noqa: E402
from tf_varmixup.report.table_cell import TableCell  # noqa: E402
from tf_varmixup.run.compared_runs import Comparison, compare_runs  # noqa: E402
from tf_varmixup.run.finished_run import read_run  # noqa: E402

COLUMNS = ("clean.accuracy", "corrupted.accuracy", "corrupted.ece")
SERIES = {
    "three quarters clean, alpha 0.3, residual, noise": (
        BLUE,
        ("varmixup-fine", "varmixup-map", "varmixup-circles"),
    ),
    "all of it mixed, on straight lines (the paper's)": (
        VERMILLION,
        ("varmixup_paper-fine", "line-map", "line-circles"),
    ),
}


def main() -> None:
    """Read the runs and write the plot."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    folder = ROOT / "results" / "study-cifar10"
    parser.add_argument("--study", type=pathlib.Path, default=folder, metavar="FOLDER")
    runs = [
        read_run(path.parent) for path in sorted(parser.parse_args().study.glob("*/config.json"))
    ]
    comparison = compare_runs(runs, "erm", labels="folder")
    gap_plot(comparison).savefig(ROOT / "docs" / "images" / "study_gap.png")


@styled("Lines are the intervals of differences between runs of the same seed.")
def gap_plot(comparison: Comparison) -> Figure:
    """Draw a panel for each measure, and a line through the autoencoders for each way of mixing."""
    gaps = {
        row.label: row.runs[0].metrics["vae"]["latent_gap"]
        for row in comparison.rows
        if "vae" in row.runs[0].metrics
    }
    sections = [metric_sections(run.metrics) for row in comparison.rows for run in row.runs]
    columns = named_columns(COLUMNS, sections)
    table = comparison_tables(comparison, columns)["differences"]
    cells = {texts[0]: row for texts, row in table.rows}
    figure = Figure(figsize=(7.2, 3.0), layout="constrained")
    for place, (axes, column) in enumerate(zip(figure.subplots(1, 3), table.columns, strict=True)):
        axes.axhline(0.0, color=MUTED, linewidth=0.8)
        ticks: dict[float, str] = {}
        for label, (color, names) in SERIES.items():
            own = [cells[name][place] for name in names]
            series(axes, column, [gaps[name] for name in names], own, label, color)
            ticks |= {gaps[name]: name.partition("-")[2] for name in names}
        axes.set_title(f"{column.group}, {column.heading}")
        axes.set_xscale("log")
        axes.set_xticks([*ticks], [f"{gap:.2f}\n{called}" for gap, called in ticks.items()])
        axes.minorticks_off()
        axes.set_xlim(0.03, 0.65)
        axes.set_xlabel("latent gap of the autoencoder")
    figure.axes[0].set_ylabel(table.title[0].lower() + table.title[1:])
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=2)
    return figure


def series(
    axes: Axes,
    column: TableColumn,
    gaps: Sequence[float],
    cells: Sequence[TableCell],
    label: str,
    color: str,
) -> None:
    """Draw differences against gaps, with their intervals where they have any."""
    values = [column.factor * cell.value for cell in cells]
    axes.plot(gaps, values, "o-", color=color, label=label, markersize=4.5, linewidth=1.0)
    for gap, cell in zip(gaps, cells, strict=True):
        if math.isfinite(cell.low) and math.isfinite(cell.high):
            low, high = column.factor * cell.low, column.factor * cell.high
            axes.plot([gap, gap], [low, high], color=color, linewidth=1.3)


if __name__ == "__main__":
    main()
