import pytest

from models import classifier_builder
from tf_varmixup.run.settings import PRESETS, parse_settings, resolve


def refused(capsys, *arguments):
    """Parse bad arguments and return the one line they are answered with."""
    with pytest.raises(SystemExit) as stopped:
        parse_settings(arguments, classifier_builder)
    assert stopped.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == "" and printed.err.count("\n") == 1
    return printed.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--dataset", "digits", "--metod", "erm"], ["--metod"]),
        (["--dataset", "digits", "--meth", "erm"], ["--meth"]),
        (["--dataset", "digits", "--method", "cutout"], ["cutout", "erm", "varmixup"]),
        (["--dataset", "digits", "--classifier", "vgg"], ["vgg", "airbench", "resnet18"]),
        (["--dataset", "digits", "--classifier", "wrn-17-4"], ["17", "6 n + 4"]),
        (["--dataset", "digits", "--alpha", "0"], ["--alpha", "positive", "'0'"]),
        (["--dataset", "digits", "--alpha", "-1"], ["positive", "'-1'"]),
        (["--dataset", "digits", "--alpha", "nan"], ["positive", "'nan'"]),
        (["--dataset", "digits", "--alpha", "inf"], ["positive", "'inf'"]),
        (["--dataset", "digits", "--clean_share", "1"], ["below 1", "'1'"]),
        (["--dataset", "digits", "--learning_rate", "0"], ["--learning_rate", "positive", "'0'"]),
        (
            ["--dataset", "digits", "--weight_decay", "-0.1"],
            ["--weight_decay", "at least 0", "'-0.1'"],
        ),
        (["--dataset", "digits", "--shift", "1"], ["--shift", "below 1", "'1'"]),
        (["--dataset", "digits", "--epochs", "0"], ["--epochs", "at least 1", "'0'"]),
        (["--dataset", "digits", "--epochs", "two"], ["whole number", "'two'"]),
        (["--dataset", "digits", "--epochs", "²"], ["whole number", "'²'"]),
        (["--dataset", "digits", "--seed", "-3"], ["at least 0", "'-3'"]),
        (["--dataset", "digits", "--preset", "fast"], ["fast", "quick", "best"]),
        (
            ["--dataset", "digits", "--mix_in", "data", "--strategy", "mirrored"],
            ["--mix_in", "--strategy none"],
        ),
        ([], ["--dataset"]),
    ],
)
def test_bad_input_gets_one_line_and_exit_status_2(capsys, arguments, words):
    line = refused(capsys, *arguments)
    assert all(word in line for word in words), line


def test_no_preset_means_default():
    assert vars(parse_settings(["--dataset", "digits"])) == {
        **vars(parse_settings(["--dataset", "digits", "--preset", "default"])),
        "command": "python train.py --dataset digits",
    }


def test_command_can_be_pasted_back():
    settings = parse_settings(["--dataset", "my pictures", "--seed", "3"])
    assert settings.command == "python train.py --dataset 'my pictures' --seed 3"


@pytest.mark.parametrize("preset", PRESETS)
def test_preset_decides_what_no_flag_does(preset):
    settings = resolve(parse_settings(["--dataset", "cifar10", "--preset", preset]), 45_000, 10_000)
    assert (settings.epochs, settings.vae_epochs) == (
        PRESETS[preset]["epochs"],
        PRESETS[preset]["vae_epochs"],
    )
    for name in ("classifier", "learning_rate", "weight_decay", "shift"):
        assert getattr(settings, name) == PRESETS[preset][name]
    flags = [
        "--epochs",
        "3",
        "--vae_epochs",
        "5",
        "--classifier",
        "wrn-16-4",
        "--corruption_pictures",
        "70",
        "--batch_size",
        "32",
    ]
    flags += ["--learning_rate", "0.3", "--weight_decay", "0", "--shift", "0"]
    told = resolve(
        parse_settings(["--dataset", "cifar10", "--preset", preset, *flags], classifier_builder),
        45_000,
        10_000,
    )
    assert (
        told.epochs,
        told.vae_epochs,
        told.classifier,
        told.corruption_pictures,
        told.batch_size,
    ) == (3, 5, "wrn-16-4", 70, 32)
    assert (told.learning_rate, told.weight_decay, told.shift) == (0.3, 0.0, 0.0)


def test_small_data_sets_get_small_batches_and_enough_steps():
    settings = resolve(parse_settings(["--dataset", "digits"]), 1_293, 359)
    assert settings.batch_size == 64
    assert settings.epochs == settings.vae_epochs == 50  # 20 steps an epoch, 1,000 in all
    assert settings.corruption_pictures == 359
    assert resolve(parse_settings(["--dataset", "digits"]), 10, 4).batch_size == 10
