"""`python -m tf_varmixup.study`, with trainings that only write down what they were told."""

import json
import os
import pathlib
import shutil
import signal
import threading
import time

import pytest

from tf_varmixup.commands import study_compare, study_process, study_stages
from tf_varmixup.commands.evaluate_flags import parse_evaluation
from tf_varmixup.commands.recipe_flags import parse_recipe
from tf_varmixup.commands.study import main
from tf_varmixup.commands.study_file import read_study
from tf_varmixup.commands.study_stages import Shard, in_words
from tf_varmixup.run import PRESETS

ROOT = pathlib.Path(__file__).resolve().parents[2]
STUDY = """
seeds = 2
baseline = "erm"

[settings]
dataset = "digits"
preset = "quick"
epochs = 3
vae_epochs = 1

[[runs]]
method = ["erm", "varmixup"]

[[runs]]
method = "mixup"
seeds = 1
alpha = 0.2

[evaluate.linearity]
methods = ["erm"]
local_linearity = true
corruptions = "none"
"""
RUNS = ["digits-erm-seed0", "digits-varmixup-seed0", "digits-mixup-seed0"]
RUNS += ["digits-erm-seed1", "digits-varmixup-seed1"]
OUTPUT = pathlib.Path("runs/small")
AUTOENCODER = ["--method", "reconstruction", "--dataset", "digits", "--preset", "quick"]


class Launcher:
    """In place of processes: writes a finished run, or what a test says instead."""

    def __init__(self):
        self.launched = []
        self.instead = {}

    def __call__(self, module, arguments, log=None):
        name = module.rpartition(".")[2]
        if name == "compare":
            at = arguments.index("--output")
            self.launched.append(f"compare {' '.join(arguments[:at])}")
            folder = pathlib.Path(arguments[at + 1])
            folder.mkdir()
            (folder / "comparison.json").write_text("{}")
            return 0
        at = "--output" if name == "evaluate" else "--run_dir"
        folder = pathlib.Path(arguments[arguments.index(at) + 1])
        self.launched.append(f"{name} {folder.relative_to(OUTPUT)}")
        if folder.name in self.instead:
            return self.instead[folder.name](folder, arguments, log)
        return self.finish(folder, arguments, name)

    def finish(self, folder, arguments, name="train", metrics=True):
        folder.mkdir(parents=True, exist_ok=True)
        if name == "evaluate":
            config = {**vars(parse_evaluation("evaluate", arguments)), "output": str(folder)}
        else:
            recipe = parse_recipe(arguments)
            config = recipe.config() | {"batch_size": 64, "precision": "float32"}
            config["strategy"], config["flip"] = "none", False
            for setting in ("vae_latent", "likelihood_scale"):
                own = PRESETS[recipe.preset][setting]
                config[setting] = getattr(recipe, setting) or own
        (folder / "config.json").write_text(json.dumps(config))
        section = {"accuracy": 0.5}
        vae = {"psnr": 20.0, "elbo": 1.0, "kl": 1.0, "active_units": 3, "mse": 0.01}
        content = {"clean": section, "corrupted": section, "temperature": 1.0}
        content |= {"vae": vae, "timing": {"classifier": 60.0}}
        if metrics:
            (folder / "metrics.json").write_text(json.dumps(content))
        return 0


@pytest.fixture
def launcher(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("rich.get_console", lambda: WideConsole())
    launcher = Launcher()
    monkeypatch.setattr(study_stages, "launch", launcher)
    monkeypatch.setattr(study_compare, "launch", launcher)
    pathlib.Path("small.toml").write_text(STUDY)
    return launcher


class WideConsole:
    """Prints what is said without its colors."""

    def print(self, text, **options):
        print(text.replace("[bold]", "").replace("[/bold]", ""))


def stopped(*arguments):
    with pytest.raises(SystemExit) as stop:
        main([*arguments])
    return stop.value.code


def refused(capsys, text, *arguments):
    pathlib.Path("small.toml").write_text(text)
    assert stopped("small.toml", *arguments) == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1, line
    return line


def folders(*names):
    return " ".join(str(OUTPUT / name) for name in names)


def test_a_study_trains_seed_by_seed_what_is_missing_and_compares(launcher, capsys):
    main(["small.toml"])
    assert launcher.launched == [
        "study_autoencoder digits-autoencoder.shard-1-of-1",
        *(f"train {name}" for name in RUNS),
        "evaluate digits-erm-seed0/evaluations/linearity",
        "evaluate digits-erm-seed1/evaluations/linearity",
        f"compare {folders(*RUNS)}",
        f"compare {folders(*(f'digits-erm-seed{n}/evaluations/linearity' for n in (0, 1)))}",
    ]
    printed = capsys.readouterr().out
    assert "3/5  digits-mixup-seed0" in printed
    assert "accuracy 50.00% clean, 50.00% corrupted; temperature 1.000; 0 s, about 2 min" in printed
    assert "2 min 0 s left for 2 runs" in printed
    config = json.loads((OUTPUT / RUNS[1] / "config.json").read_text())
    assert config["vae"] == str(OUTPUT / "digits-autoencoder")
    assert (config["vae_epochs"], config["seed"]) == (1, 0)
    assert json.loads((OUTPUT / RUNS[0] / "config.json").read_text())["vae"] is None

    launcher.launched.clear()
    main(["small.toml"])
    assert [one.partition(" ")[0] for one in launcher.launched] == ["compare"] * 2


def test_a_failure_stops_what_needs_it_alone_and_is_tried_again(launcher, capsys):
    def fail(folder, arguments, log):
        log.write_text("some words\ntrain.py: error: the loss is nan\n\n")
        return 1

    launcher.instead = {"digits-erm-seed0": fail, "digits-autoencoder.shard-1-of-1": fail}
    assert stopped("small.toml") == 1
    printed, line = capsys.readouterr()
    assert "digits-autoencoder: train.py: error: the loss is nan (more in runs/" in printed
    assert "digits-varmixup-seed0: its autoencoder is missing" in printed
    assert "digits-erm-seed0: train.py: error: the loss is nan" in printed
    assert "digits-erm-seed0/linearity: its run is not finished" in printed
    assert "3 of 5 runs are not there yet: digits-erm-seed0, digits-varmixup-seed0" in printed
    assert "5 failed: digits-autoencoder, " in line
    assert line.count("\n") == 1
    made = [one for one in launcher.launched if one.startswith(("train", "evaluate"))]
    assert made == [
        "train digits-erm-seed0",
        "train digits-mixup-seed0",
        "train digits-erm-seed1",
        "evaluate digits-erm-seed1/evaluations/linearity",
    ]
    launcher.instead = {}
    main(["small.toml"])
    assert all((OUTPUT / name / "metrics.json").is_file() for name in RUNS)


def test_an_interrupted_run_is_resumed(launcher, capsys):
    def interrupt(folder, arguments, log):
        assert "--resume" not in arguments
        launcher.finish(folder, arguments, metrics=False)
        raise KeyboardInterrupt

    launcher.instead = {"digits-mixup-seed0": interrupt}
    assert stopped("small.toml") == 130
    assert capsys.readouterr().err.count("\n") == 1
    main(["small.toml", "--dry_run"])
    printed = capsys.readouterr().out
    assert "started  digits-mixup-seed0: train.py --dataset digits" in printed
    assert "5 runs in runs/small; 3 finished, 1 started of 8" in printed

    def resume(folder, arguments, log):
        assert arguments[-1] == "--resume"
        return launcher.finish(folder, arguments)

    launcher.instead = {"digits-mixup-seed0": resume}
    launcher.launched.clear()
    main(["small.toml"])
    assert launcher.launched[0] == "train digits-mixup-seed0"


def test_shards_make_different_runs_and_whoever_has_all_compares_all(launcher, capsys):
    main(["small.toml", "--shard", "2/2"])
    made = [one.partition(" ")[2] for one in launcher.launched if one.startswith("train")]
    assert made == RUNS[1::2]
    assert launcher.launched[0].endswith("digits-autoencoder.shard-2-of-2")
    assert "3 of 5 runs are not there yet" in capsys.readouterr().out
    main(["small.toml", "--shard", "1/2"])
    assert launcher.launched[-2] == f"compare {folders(*RUNS)}"
    assert Shard(3, 3).part(range(7)) == [2, 5]


def test_the_first_shard_to_end_has_the_autoencoder(launcher):
    def other_shard_was_faster(folder, arguments, log):
        launcher.finish(OUTPUT / "digits-autoencoder", arguments)
        (OUTPUT / "digits-autoencoder" / "vae.keras").write_text("theirs")
        return launcher.finish(folder, arguments)

    launcher.instead = {"digits-autoencoder.shard-1-of-1": other_shard_was_faster}
    main(["small.toml"])
    assert (OUTPUT / "digits-autoencoder" / "vae.keras").read_text() == "theirs"
    assert not (OUTPUT / "digits-autoencoder.shard-1-of-1").exists()


def test_different_autoencoders_of_runs_that_share_one_are_said(launcher, capsys):
    main(["small.toml"])
    path = OUTPUT / "digits-varmixup-seed1" / "metrics.json"
    path.write_text(path.read_text().replace('"mse": 0.01', '"mse": 0.02'))
    capsys.readouterr()
    main(["small.toml", "--compare"])
    assert "digits-varmixup-seed1 have had different autoencoders" in capsys.readouterr().out


def test_runs_whose_autoencoder_was_taken_away_or_trained_anew_are_said(launcher, capsys):
    main(["small.toml"])
    shutil.rmtree(OUTPUT / "digits-autoencoder")
    capsys.readouterr()
    main(["small.toml"])
    assert "digits-autoencoder is not there, so that nothing says" in capsys.readouterr().out
    launcher.finish(OUTPUT / "digits-autoencoder", [*AUTOENCODER, "--vae_epochs", "1"])
    path = OUTPUT / "digits-autoencoder" / "metrics.json"
    path.write_text(path.read_text().replace('"mse": 0.01', '"mse": 0.02'))
    main(["small.toml"])
    assert "digits-autoencoder have had different autoencoders" in capsys.readouterr().out


def test_what_a_method_recommends_later_does_not_make_another_autoencoder(launcher):
    main(["small.toml"])
    path = OUTPUT / "digits-autoencoder" / "config.json"
    config = json.loads(path.read_text())
    assert config["clean_share"] == 0.75  # of the method, which has no part in it
    path.write_text(json.dumps(config | {"clean_share": 0.0}))
    launcher.launched.clear()
    main(["small.toml"])
    assert all(one.startswith("compare ") for one in launcher.launched)


def test_a_comparison_that_fails_leaves_the_former_one(launcher, capsys, monkeypatch):
    main(["small.toml"])
    before = sorted(OUTPUT.glob("comparison*/*"))
    monkeypatch.setattr(study_compare, "launch", lambda *arguments: 1)
    assert stopped("small.toml", "--compare") == 1
    assert sorted(OUTPUT.glob("comparison*/*")) == before


def test_the_rest_of_an_autoencoder_with_other_settings_is_refused(launcher, capsys):
    partial = OUTPUT / "digits-autoencoder.shard-1-of-1"
    launcher.finish(partial, [*AUTOENCODER, "--vae_epochs", "2"])
    assert stopped("small.toml") == 1
    assert f"{partial} to be a run with vae_epochs 1. Received: 2" in capsys.readouterr().out
    assert not (OUTPUT / "digits-autoencoder").exists()


@pytest.mark.parametrize(
    ("where", "setting", "value"),
    [
        ("epochs = 3", "classifier_weights", "w.h5"),
        ("epochs = 3", "corruption_dir", "CIFAR-10-C"),
        ("local_linearity = true", "baseline", "b.csv"),
    ],
)
def test_a_path_that_is_given_since_makes_other_runs(launcher, capsys, where, setting, value):
    text = STUDY.replace("epochs = 3", 'epochs = 3\nclassifier = "keras:MobileNetV2"')
    text = text.replace('corruptions = "none"', "")
    pathlib.Path("small.toml").write_text(text)
    main(["small.toml"])
    capsys.readouterr()
    text = text.replace(where, f'{where}\n{setting} = "{value}"')
    pathlib.Path(value).write_text("")
    assert f"to be a run with {setting} '{value}'. Received: None" in refused(capsys, text)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("epochs = 3", "epochs = 4", "runs/small/digits-erm-seed0 to be a run with epochs 4. Rec"),
        ("alpha = 0.2", "alpha = 0.3", "digits-mixup-seed0 to be a run with alpha 0.3. Received:"),
        ("epochs = 3\n", "", "digits-erm-seed0 to be a run with epochs None. Received: 3"),
        ("vae_epochs = 1", "vae_epochs = 2", "digits-autoencoder to be a run with vae_epochs 2"),
        ("linearity = true", 'linearity = true\nattack_norm = "l2"', "with attack_norm 'l2'"),
    ],
)
def test_runs_with_other_settings_are_refused(launcher, capsys, old, new, expected):
    main(["small.toml"])
    capsys.readouterr()
    launcher.launched.clear()
    assert expected in refused(capsys, STUDY.replace(old, new))
    assert not launcher.launched


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("seeds = 2", "seds = 2", "Did you mean 'seeds'?"),
        ("seeds = 2", "seeds = [0, 0]", "Expected seeds to be a number of seeds, or a list"),
        ('baseline = "erm"', 'baseline = "emr"', "Did you mean 'erm'?"),
        (
            'baseline = "erm"\n\n[settings]',
            'baseline = "varmixup"\n[autoencoders.a]\n[autoencoders.b]\n[settings]\n'
            'autoencoder = ["a", "b"]',
            "baseline to be one row, such as varmixup-a or varmixup-b in ",
        ),
        ("alpha = 0.2", "alhpa = 0.2", "[[runs]] number 2 (mixup): error: unrecognized argum"),
        ("alpha = 0.2", "alhpa = 0.2", "Did you mean '--alpha'?"),
        ("alpha = 0.2", "alpha = -1", "argument --alpha: "),
        ("alpha = 0.2", "latents = 'mean'", "argument --latents: mixup has no such parameter"),
        ("alpha = 0.2", "resume = true", "[[runs]] number 2 without resume"),
        ("alpha = 0.2", "likelihood_scale = 0.1", "likelihood_scale in [autoencoders.NAME]"),
        ("alpha = 0.2", "autoencoder = 'fine'", "no autoencoder in [[runs]] number 2"),
        ("alpha = 0.2", "method = 3", "small.toml"),
        ('method = "mixup"', 'method = "mixpu"', "Did you mean 'mixup'?"),
        ('"varmixup"]', '"varmixup", "erm"]', "digits-erm-seed0 twice"),
        ('method = "mixup"', 'method = "mixup"\nname = "a/b"', "part of a folder's name"),
        ("epochs = 3", "epohcs = 3", "Did you mean '--epochs'?"),
        ("epochs = 3", 'strategy = "multi_worker"', "--shard is for several in "),
        ("epochs = 3", "epochs = 0", "argument --epochs: expected a whole number of at least 1"),
        ("local_linearity = true", "local_linarity = true", "Did you mean '--local_linearity'?"),
        ('methods = ["erm"]', 'methods = ["erm_"]', "Did you mean 'erm'?"),
        ("[[runs]]", "[autoencoders.fine]\nepochs = 2\n[[runs]]", "a setting of [autoencoders.fi"),
        ('dataset = "digits"', "", "dataset of [[runs]] number 1 to be a name"),
        ("epochs = 3", 'corruption_dir = "nowhere"', "erm-seed0 to be there. Received: nowhere"),
    ],
)
def test_what_is_wrong_with_a_study_is_said_before_anything_starts(
    launcher, capsys, old, new, expected
):
    assert expected in refused(capsys, STUDY.replace(old, new, 1))
    assert not launcher.launched
    assert not OUTPUT.exists()


def test_bad_arguments(launcher, capsys):
    for arguments, expected in (
        (["nowhere.toml"], "nowhere.toml"),
        (["small.toml", "--shard", "3/2"], "expected I/N, such as 2/3"),
        (["small.toml", "--dryrun"], "Did you mean '--dry_run'?"),
    ):
        assert stopped(*arguments) == 2
        line = capsys.readouterr().err
        assert expected in line
        assert line.count("\n") == 1


def test_autoencoders_and_datasets_have_runs_of_their_own(launcher):
    text = """
    [settings]
    dataset = ["digits", "cifar10"]
    vae_epochs = 2
    [autoencoders.fine]
    likelihood_scale = 0.05
    seed = 7
    [autoencoders.coarse]
    [[runs]]
    method = ["erm", "blur"]
    autoencoder = ["coarse", "fine"]
    """
    with pytest.raises(ValueError, match="no autoencoder in"):
        read(text)
    study = read(text.replace('"erm", ', ""))
    assert [run.folder.name for run in study.runs] == [
        f"{dataset}-blur-{name}-seed0"
        for dataset in ("digits", "cifar10")
        for name in ("coarse", "fine")
    ]
    fine = study.runs[1]
    assert fine.autoencoder.folder.name == "digits-autoencoder-fine"
    assert (fine.autoencoder.recipe.seed, fine.autoencoder.recipe.vae_epochs) == (7, 2)
    assert fine.wanted["likelihood_scale"] == 0.05
    assert study.runs[0].wanted["likelihood_scale"] == PRESETS["default"]["likelihood_scale"]
    assert "likelihood_scale" not in " ".join(fine.flags)
    assert len({run.autoencoder for run in study.runs}) == 4


def read(text, *data_dir):
    path = pathlib.Path("other.toml")
    path.write_text(text)
    return read_study(path, "study", *data_dir)


def test_everything_reads_from_the_data_folder_of_the_command_line(launcher):
    text = STUDY.replace("epochs = 3", 'epochs = 3\ndata_dir = "there"')
    for given, expected in ((["here"], "here"), ([], "there")):
        study = read(text, *given)
        shared = next(run.autoencoder for run in study.runs if run.autoencoder is not None)
        for part in (*study.runs, shared):
            assert part.recipe.data_dir == expected
    assert read(text, "here").evaluations[0].options.data_dir == "here"
    assert study.evaluations[0].options.data_dir is None  # that of the run


@pytest.mark.parametrize(
    "path", sorted((ROOT / "studies").glob("*.toml")), ids=lambda one: one.stem
)
def test_the_studies_of_the_repository_can_be_carried_out(path):
    study = read_study(path, "study")
    assert study.baseline == "erm"
    assert len({run.folder for run in study.runs}) == len(study.runs)
    assert study.output.name == f"study-{path.stem}"


def test_a_process_is_ended_by_an_interruption_and_what_it_printed_is_kept(tmp_path, monkeypatch):
    (tmp_path / "slow.py").write_text(
        "import sys, time, pathlib\n"
        "def main():\n"
        "    print('begun', *sys.argv[1:])\n"
        "    pathlib.Path('begun').touch()\n"
        "    try:\n"
        "        time.sleep(60)\n"
        "    except KeyboardInterrupt:\n"
        "        print('ended')\n"
        "        sys.exit(130)\n"
    )
    monkeypatch.chdir(tmp_path)
    before = signal.getsignal(signal.SIGTERM)

    def interrupt():
        while not pathlib.Path("begun").exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)

    watching = threading.Thread(target=interrupt)
    watching.start()
    with pytest.raises(KeyboardInterrupt), study_process.interruptible():
        study_process.launch("slow", ["--seed", "1"], pathlib.Path("log"))
    watching.join()
    assert pathlib.Path("log").read_text() == "begun --seed 1\nended\n"
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_hang_up_that_is_ignored_stays_ignored_and_others_interrupt():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        with study_process.interruptible():
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
            assert signal.getsignal(signal.SIGTERM) == signal.default_int_handler
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        with study_process.interruptible():
            assert signal.getsignal(signal.SIGHUP) == signal.default_int_handler
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before)


def test_why_a_process_failed_is_said_in_one_line(tmp_path):
    (tmp_path / "fails.py").write_text("def main():\n    raise SystemExit('error: no disk')\n")
    (tmp_path / "dies.py").write_text("import os\ndef main():\n    os.kill(os.getpid(), 9)\n")
    log = tmp_path / "log"
    lines = []
    for module in ("fails", "dies"):
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(tmp_path)
            lines.append(study_process.last_line(log, study_process.launch(module, [], log)))
    assert lines == ["error: no disk", "ended by SIGKILL"]


def test_durations_read_as_one_says_them():
    assert [in_words(seconds) for seconds in (0, 59.6, 3599, 3600)] == [
        "0 s",
        "1 min 0 s",
        "59 min 59 s",
        "1 h 0 min",
    ]
