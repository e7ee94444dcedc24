"""The comparison at the end of a study."""

import math
import pathlib
import shutil
from collections.abc import Sequence

from tf_varmixup.commands.console import say
from tf_varmixup.commands.study_parts import Study, StudyEvaluation, StudyRun
from tf_varmixup.commands.study_process import launch
from tf_varmixup.run.run_state import finished_metrics

COMPARE = "tf_varmixup.commands.compare"
_MARK = "comparison.json"  # what the folder of a comparison has
_NAMED = 3  # of what is missing


def compare_finished(study: Study) -> list[str]:
    """Compare the finished runs of a study, a comparison per dataset and per evaluation.

    What is missing is said. A comparison of an evaluation has the evaluations alone, but for those
    that measure another classifier than the run's: these stand beside the runs.

    Args:
        study: A `Study`.

    Returns:
        The comparisons that failed.
    """
    runs = [run for run in study.runs if _finished(run.folder)]
    _say_missing([run.folder.name for run in study.runs if run not in runs], len(study.runs))
    _say_other_autoencoders(runs)
    datasets = dict.fromkeys(run.recipe.dataset for run in study.runs)
    failed = []
    for dataset in datasets:
        end = "" if len(datasets) == 1 else "-" + dataset.rstrip("/").replace("/", "-")
        own = [run for run in runs if run.recipe.dataset == dataset]
        failed += _compare(study, f"comparison{end}", own, [run.folder for run in own])
        for name in dict.fromkeys(one.name for one in study.evaluations):
            measured = [one for one in study.evaluations if one.name == name and one.run in own]
            found = [one for one in measured if _finished(one.folder)]
            folders = [one.folder for one in found]
            if any(_of_another_classifier(one) for one in found):
                folders = [*(run.folder for run in own), *folders]
                failed += _compare(study, f"comparison-{name}{end}", own, folders)
            else:
                failed += _compare(
                    study, f"comparison-{name}{end}", [one.run for one in found], folders
                )
    return failed


def _compare(
    study: Study, name: str, runs: Sequence[StudyRun], folders: Sequence[pathlib.Path]
) -> list[str]:
    output = study.output / name
    if not folders:
        return []
    former = output.with_name(f"{name}.former")
    if (output / _MARK).is_file():  # of fewer runs, or of the same
        shutil.rmtree(former, ignore_errors=True)
        output.rename(former)
    baseline = study.baseline
    names = {name for run in runs for name in (run.recipe.method, run.label, run.folder.name)}
    arguments = [*map(str, folders), "--output", str(output), "--labels", "folder"]
    if baseline is not None and ("," in baseline or baseline in names):
        arguments += ["--baseline", baseline]
    say("compare", f"{len(folders)} runs in {output}")
    if launch(COMPARE, arguments) == 0:
        shutil.rmtree(former, ignore_errors=True)
        return []
    if former.is_dir() and not output.exists():
        former.rename(output)
    return [name]


def _finished(folder: pathlib.Path) -> bool:
    return finished_metrics(folder) is not None


def _of_another_classifier(evaluation: StudyEvaluation) -> bool:
    return getattr(evaluation.options, "mixup_inference", None) is not None


def _say_missing(names: Sequence[str], count: int) -> None:
    if names:
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        listed = ", ".join(names[:_NAMED])
        say("missing", f"{len(names)} of {count} runs are not there yet: {listed}{more}")


def _say_other_autoencoders(runs: Sequence[StudyRun]) -> None:
    """Say where runs that should share an autoencoder have had different ones, or it is gone.

    Machines that each train it get the same one up to rounding, which its test error shows.
    """
    for shared in dict.fromkeys(run.autoencoder for run in runs if run.autoencoder is not None):
        found: dict[str, float] = {}
        if not _finished(shared.folder):
            say(
                "note",
                f"{shared.folder.name} is not there, so that nothing says whether the runs had one "
                "of the study's settings",
            )
        own = [run.folder for run in runs if run.autoencoder == shared]
        for folder in (shared.folder, *own):
            mse = (finished_metrics(folder) or {}).get("vae", {}).get("mse")
            if mse is not None:
                found[folder.name] = mse
        if found and not math.isclose(min(found.values()), max(found.values()), rel_tol=1e-4):
            low, high = min(found, key=found.__getitem__), max(found, key=found.__getitem__)
            say(
                "note",
                f"{low} and {high} have had different autoencoders (mean squared errors "
                f"{found[low]:.5f} and {found[high]:.5f}); train it on one machine and copy it",
            )
