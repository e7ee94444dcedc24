"""Stop, damage and starve runs of `train.py`, and see that each becomes what it would have been.

    python tools/kill_runs.py kills --count 50      # SIGKILL, SIGTERM, SIGINT at random moments
    python tools/kill_runs.py damage --count 0      # every file of a stopped run, in five ways
    python tools/kill_runs.py processes             # two processes on one folder
    python tools/kill_runs.py disk --count 20       # file systems of every size (Linux, as root)
    python tools/kill_runs.py inputs                # bad flags, folders, arrays and models

Each prints a line per trial and exits with status 1 if one failed; `--json FILE` keeps how many
there were of each kind, and what failed. The runs are those of `train.py` on scikit-learn's digits
with small networks, four corruptions and one plot, a quarter of a minute each on a free core;
`--count` is the number of trials, of `damage` and `inputs` those drawn of all. TensorFlow is
imported once, in this process, of which each run is a fork.
"""

import argparse
import gc
import importlib
import os
import pathlib
import shlex
import signal
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
IMPORTED = ["train", "models", "callbacks", "sklearn.datasets", "tensorflow_datasets"]
IMPORTED += [f"tf_varmixup.{name}" for name in ("training", "evaluation", "report", "export")]


def keep(path: pathlib.Path, summary: dict[str, object]) -> None:
    """Write the outcome of trials to a file, with what they were carried out by."""
    from tf_varmixup.files import write_json
    from tf_varmixup.run import environment

    command = f"python tools/kill_runs.py {shlex.join(sys.argv[1:])}"
    write_json(path, {"command": command, "environment": environment("float32"), **summary})


def main() -> None:
    """Carry out the trials that the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    # The order of operations must not depend on which threads are free.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    # Of what runs for a second, not much is to be made.
    os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")
    sys.path.insert(0, os.fspath(ROOT))
    from tools.trials.campaign import METHODS, STAGES, Campaign
    from tools.trials.damage import damage
    from tools.trials.disk import disk
    from tools.trials.inputs import inputs
    from tools.trials.kills import kills
    from tools.trials.processes import processes

    kinds = {one.__name__: one for one in (kills, damage, processes, disk, inputs)}
    parser.add_argument("kind", choices=kinds)
    parser.add_argument("--count", type=int, default=0, help="number of trials")
    parser.add_argument("--method", choices=METHODS, help="the only one of kills")
    parser.add_argument("--after", choices=STAGES, help="the only stage of damage")
    parser.add_argument("--seed", type=int, default=0, help="of what is drawn")
    parser.add_argument("--json", type=pathlib.Path, help="file to keep the outcome in")
    options = parser.parse_args()
    for kind, name in (("kills", "method"), ("damage", "after")):
        if getattr(options, name) is not None and options.kind != kind:
            parser.error(f"--{name} belongs to {kind}")
    # A shell that begins this in the background has it ignored, in the runs too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in IMPORTED:
        importlib.import_module(name)
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)

    with tempfile.TemporaryDirectory() as folder:
        campaign = Campaign(pathlib.Path(folder), options.count, options.seed)
        only = {"kills": options.method, "damage": options.after}.get(options.kind)
        try:
            kinds[options.kind](campaign, *[(only,)][: only is not None])
        finally:
            if options.json:
                keep(options.json, campaign.summary())
    print(f"{campaign.trials.total()} trials, {len(campaign.failed)} failures")
    sys.exit(1 if campaign.failed else 0)


if __name__ == "__main__":
    main()
