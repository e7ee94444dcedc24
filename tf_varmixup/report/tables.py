"""Tables of finished runs: one run for the terminal, many runs for a README."""

import numpy as np
from rich.table import Column, Table

from .formatting import percent

# Heading, section and key of metrics.json, factor, decimals.
_COLUMNS = (
    ("Accuracy clean, %", "clean", "accuracy", 100, 2),
    ("Accuracy corrupted, %", "corrupted", "accuracy", 100, 2),
    ("ECE clean, %", "clean", "ece", 100, 2),
    ("ECE corrupted, %", "corrupted", "ece", 100, 2),
    ("Signed gap clean, %", "clean", "signed_gap", 100, 2),
    ("Signed gap corrupted, %", "corrupted", "signed_gap", 100, 2),
    ("ECE clean, after T, %", "clean_after_temperature", "ece", 100, 2),
    ("ECE corrupted, after T, %", "corrupted_after_temperature", "ece", 100, 2),
    ("NLL clean", "clean", "nll", 1, 3),
    ("NLL corrupted", "corrupted", "nll", 1, 3),
)
# Runs that differ in one of these are not repetitions of one experiment.
_SETTINGS = ("alpha", "batch_size", "classifier", "epochs")


def results_table(metrics):
    """Make the short table that a run ends with.

    Args:
        metrics: dictionary with the layout of metrics.json; the sections of corrupted pictures and
            of temperature scaling may be missing.

    Returns:
        A `rich.table.Table` of accuracy, error, ECE and NLL: clean and corrupted, before and after
            temperature scaling.

    Example:
        >>> rich.print(results_table(metrics))
    """
    scaled = (
        f"at temperature {metrics['temperature']:.2f}"
        if "temperature" in metrics
        else "after temperature scaling"
    )
    table = Table(
        "Test pictures",
        *(Column(name, justify="right") for name in ("Accuracy", "Error", "ECE", "NLL")),
    )
    for label, section in (
        ("clean", "clean"),
        (f"clean, {scaled}", "clean_after_temperature"),
        ("corrupted", "corrupted"),
        (f"corrupted, {scaled}", "corrupted_after_temperature"),
    ):
        if section in metrics:
            figures = metrics[section]
            accuracy = figures["accuracy"]
            table.add_row(
                label,
                percent(accuracy, 2),
                percent(1 - accuracy, 2),
                percent(figures["ece"], 2),
                f"{figures['nll']:.3f}",
            )
    return table


def runs_by_method(runs):
    """Group runs by method, and make sure that each group is one experiment repeated with different
    seeds.

    Args:
        runs: list of pairs of dictionaries, the contents of config.json and of metrics.json.

    Returns:
        A dictionary of method to its runs ordered by seed, methods in the order of first
        appearance.

    Raises:
        ValueError: if a method has a seed twice, or runs that differ in alpha, batch size,
            classifier or epochs.

    Example:
        >>> list(runs_by_method([({"method": "erm", "seed": 0}, metrics)]))
        ['erm']
    """
    groups = {}
    for config, metrics in runs:
        groups.setdefault(config["method"], []).append((config, metrics))
    for method, group in groups.items():
        seeds = [config["seed"] for config, _ in group]
        if len(set(seeds)) < len(seeds):
            raise ValueError(
                f"runs of {method!r} must have different seeds to be averaged, got seeds {sorted(seeds)}"
            )
        for setting in _SETTINGS:
            values = {repr(config.get(setting)) for config, _ in group}
            if len(values) > 1:
                raise ValueError(
                    f"runs of {method!r} must agree in {setting} to be averaged, got {', '.join(sorted(values))}"
                )
        group.sort(key=lambda run: run[0]["seed"])
    return groups


def _mean_and_deviation(values, decimals):
    text = f"{np.mean(values):.{decimals}f}"
    return text if len(values) == 1 else f"{text} ± {np.std(values, ddof=1):.{decimals}f}"


def markdown_table(runs):
    """Make a Markdown table of many runs, a row a method: mean ± sample standard deviation over its
    seeds.

    Args:
        runs: list of pairs of dictionaries, the contents of config.json (of which `method`, `seed`
            and the settings are read) and of metrics.json.

    Returns:
        A string of lines in GitHub's Markdown. A figure that one of a method's runs lacks is a
        dash; a single run has no deviation.

    Raises:
        ValueError: if runs of one method are not repetitions of one experiment, see
            `runs_by_method`.

    Example:
        >>> print(markdown_table([(config, metrics) for config, metrics in finished]))
    """
    lines = [
        "| Method | Seeds | " + " | ".join(heading for heading, *_ in _COLUMNS) + " |",
        "|---|" + "--:|" * (1 + len(_COLUMNS)),
    ]
    for method, group in runs_by_method(runs).items():
        entries = [method, str(len(group))]
        for _, section, key, factor, decimals in _COLUMNS:
            values = [factor * metrics[section][key] for _, metrics in group if section in metrics]
            entries.append(
                _mean_and_deviation(values, decimals) if len(values) == len(group) else "–"
            )
        lines.append("| " + " | ".join(entries) + " |")
    return "\n".join(lines)
