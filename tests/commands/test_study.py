"""`python -m tf_varmixup.study`, with trainings that only write down what they were told."""

import json
import shutil

from tests.harness.studies import AUTOENCODER, OUTPUT, RUNS, folders, stopped
from tf_varmixup.commands import study_compare
from tf_varmixup.commands.study import main
from tf_varmixup.commands.study_stages import Shard, in_words


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


def test_durations_read_as_one_says_them():
    assert [in_words(seconds) for seconds in (0, 59.6, 3599, 3600)] == [
        "0 s",
        "1 min 0 s",
        "59 min 59 s",
        "1 h 0 min",
    ]
