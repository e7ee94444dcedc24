"""Train, measure and compare all runs of a study.

    python -m tf_varmixup.study studies/cifar10.toml

makes what is not yet there, in the order of the seeds, and compares what is. It can be stopped at
any point and repeated; with `--shard 2/3` a machine does its third.
"""

import argparse
import pathlib
import re
import shlex
from collections.abc import Sequence

from tf_varmixup.commands.arguments import OneLineParser
from tf_varmixup.commands.console import say, stop
from tf_varmixup.commands.study_compare import compare_finished
from tf_varmixup.commands.study_file import read_study
from tf_varmixup.commands.study_parts import Study, StudyRun
from tf_varmixup.commands.study_process import interruptible
from tf_varmixup.commands.study_stages import Shard, StudyStages
from tf_varmixup.run.run_state import run_state

PROGRAM = "python -m tf_varmixup.study"
# What runs and evaluations read besides the data.
_PATHS = ("classifier_weights", "corruption_dir", "corruption_images", "baseline")


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and the study, and carry it out.

    Args:
        arguments: The command line's arguments; None for those of the process.

    Raises:
        SystemExit: With status 2 and one line for anything wrong with the input or for a run with
            other settings, before anything starts; 1 where a run failed, once the others are done;
            130 where it is interrupted.

    Example:
        >>> main(["studies/nowhere.toml"])  # "error: [Errno 2] No such file or directory: ..."
        Traceback (most recent call last):
            ...
        SystemExit: 2
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        study = read_study(options.study, PROGRAM, options.data_dir)
        states = _check(study)
        if not options.compare:
            _check_paths(study)
            _check_names(study)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    mine = options.shard.part(study.runs)
    if options.dry_run:
        return _list(study, states, mine)
    failed: list[str] = []
    try:
        with interruptible():
            if not options.compare:
                stages = StudyStages(study, options.shard)
                stages.carry_out()
                failed = stages.failed
            failed += compare_finished(study)
    except OSError as error:
        stop(PROGRAM, f"error: {error}", status=1)
    except KeyboardInterrupt:
        kept = f"interrupted; what is done is kept in {study.output}, and the same command goes on"
        stop(PROGRAM, kept, status=130)
    if failed:
        reason = f"{len(failed)} failed: {', '.join(failed)}; the same command tries again"
        stop(PROGRAM, reason, status=1)


def _check(study: Study) -> dict[pathlib.Path, str]:
    """Return the state of every folder of a study, and refuse those with other settings."""
    shared = [run.autoencoder for run in study.runs if run.autoencoder is not None]
    folders = {one.folder: one.wanted for one in shared}
    folders |= {run.folder: run.wanted for run in study.runs}
    folders |= {one.folder: one.wanted for one in study.evaluations}
    return {folder: run_state(folder, wanted) for folder, wanted in folders.items()}


def _check_paths(study: Study) -> None:
    """Raise ValueError for a file that is not there, unless the study itself may make it."""
    runs = [(run.folder, vars(run.recipe)) for run in study.runs]
    evaluations = [(one.folder, vars(one.options)) for one in study.evaluations]
    for folder, settings in runs + evaluations:
        for name in _PATHS:
            path = settings.get(name)
            if path is None or pathlib.Path(path).exists():
                continue
            if study.output not in pathlib.Path(path).parents:
                raise ValueError(
                    f"Expected {name} of {folder} to be there. Received: {path}, which is not."
                )


def _check_names(study: Study) -> None:
    """Raise ValueError for a classifier or a dataset that nobody knows."""
    from tf_varmixup.data import check_dataset_name
    from tf_varmixup.siblings import sibling

    recipes = [run.recipe for run in study.runs]
    for name, weights in {(one.classifier, one.classifier_weights) for one in recipes}:
        if name is not None:
            sibling("models").classifier_builder(name, weights)
    evaluations = [one.options for one in study.evaluations]
    named = {(one.dataset, one.data_dir) for one in recipes}
    named |= {(name, one.data_dir) for one in evaluations for name in (one.dataset, one.ood)}
    for name, data_dir in named:
        if name is not None:
            check_dataset_name(name, data_dir)


def _list(study: Study, states: dict[pathlib.Path, str], mine: Sequence[StudyRun]) -> None:
    runs = {run.folder: run for run in study.runs}
    for folder, state in states.items():
        text = str(folder.relative_to(study.output))
        if folder in runs:
            text += "" if runs[folder] in mine else " (of another shard)"
            text += f": train.py {shlex.join(runs[folder].flags)}"
        say(state, text)
    counts = [f"{[*states.values()].count(one)} {one}" for one in ("finished", "started")]
    say("study", f"{len(study.runs)} runs in {study.output}; {', '.join(counts)} of {len(states)}")


def _shard(text: str) -> Shard:
    """Argument type: `2/3`."""
    match = re.fullmatch(r"(\d+)/(\d+)", text)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise argparse.ArgumentTypeError(f"expected I/N, such as 2/3; received {text!r}")
    return Shard(int(match[1]), int(match[2]))


def _parser() -> OneLineParser:
    parser = OneLineParser(prog=PROGRAM, allow_abbrev=False, description=__doc__.split("\n")[0])
    add = parser.add_argument
    add("study", type=pathlib.Path, metavar="STUDY", help="a TOML file")
    add(
        "--shard",
        type=_shard,
        default=Shard(1, 1),
        metavar="I/N",
        help="make every Nth run alone, from the Ith on (default: 1/1)",
    )
    add("--data_dir", metavar="DIR", help="TFDS' data folder (default: TFDS_DATA_DIR, or its own)")
    add("--dry_run", action="store_true", help="list the runs and their state, and end")
    add("--compare", action="store_true", help="compare what is finished, and train nothing")
    return parser
