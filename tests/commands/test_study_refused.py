"""What a study refuses, before anything starts."""

import pathlib

import pytest

from tests.harness.studies import AUTOENCODER, OUTPUT, STUDY, refused, stopped
from tf_varmixup.commands.study import main


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
        ("epochs = 3", "classifier = 'compcat'", "Expected a classifier, one of "),
        ('dataset = "digits"', 'dataset = "digist"', "Did you mean 'digits'"),
        ("local_linearity = true", 'ood = "svnh_cropped"', "Did you mean 'svhn_cropped'"),
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
