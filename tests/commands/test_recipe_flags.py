"""The command line of a training: flags of the recipe and of the methods, and what is refused."""

import dataclasses
import pathlib
import shutil
import sys

import pytest

from models import VariationalAutoencoder
from tf_varmixup.commands.recipe_flags import parse_recipe
from tf_varmixup.methods import create, method_signatures
from tf_varmixup.run import Recipe
from tf_varmixup.run.presets import FITTED, RECOMMENDED

ASSETS = pathlib.Path(__file__).resolve().parents[1] / "assets" / "methods"
OWN = "confidence_penalty:ConfidencePenalty"
DIGITS = ["--dataset", "digits"]


@pytest.fixture
def own_method(tmp_path, monkeypatch):
    """A working directory with a method of one's own in it, in front of a user's terminal."""
    shutil.copy(ASSETS / "confidence_penalty.py", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path])


def refused(capsys, *arguments):
    """Parse bad arguments and return the one line that they are answered with."""
    with pytest.raises(SystemExit) as stopped:
        parse_recipe(arguments)
    assert stopped.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1, printed.err
    return printed.err


def help_of(capsys, *arguments):
    with pytest.raises(SystemExit) as stopped:
        parse_recipe([*arguments, "--help"])
    assert stopped.value.code == 0
    return " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--metod", "erm"], ["--metod", "Did you mean '--method'?"]),
        (["--meth", "erm"], ["--meth"]),
        (["--method", "cutmux"], ["--method", "cutmux", "erm", "varmixup", "module:Class"]),
        (["--method", "mixpu"], ["Did you mean 'mixup'?"]),
        (["--method", "nowhere:Method"], ["nowhere:Method", "Python module"]),
        (["--method", "json:JSONDecoder"], ["JSONDecoder", "@register"]),
        (["--method"], ["--method"]),
        (["--alpha", "0"], ["--alpha", "positive", "'0'"]),
        (["--alpha", "nan"], ["positive", "'nan'"]),
        (["--clean_share", "1"], ["below 1", "'1'"]),
        (["--lambda_per", "pixel"], ["--lambda_per", "pixel", "image", "batch"]),
        (["--learning_rate", "0"], ["--learning_rate", "positive", "'0'"]),
        (["--weight_decay", "-0.1"], ["--weight_decay"]),
        (["--shift", "1"], ["--shift", "below 1", "'1'"]),
        (["--epochs", "0"], ["--epochs", "at least 1", "'0'"]),
        (["--epochs", "two"], ["whole number", "'two'"]),
        (["--image_size", "4"], ["--image_size", "at least 8"]),
        (["--seed", "-3"], ["--seed"]),
        (["--preset", "fast"], ["fast", "quick", "best"]),
        (["--mix_in", "data", "--strategy", "mirrored"], ["mix_in", "strategy 'none'"]),
    ],
    ids=" ".join,
)
def test_bad_input_gets_one_line_and_exit_status_2(capsys, arguments, words):
    line = refused(capsys, *DIGITS, *arguments)
    assert line.startswith("train.py: error: ")
    assert all(word in line for word in words), line


def test_a_dataset_is_needed(capsys):
    assert "--dataset" in refused(capsys)


def test_a_parameter_that_the_method_does_not_have_is_refused(capsys):
    line = refused(capsys, *DIGITS, "--method", "erm", "--alpha", "0.2")
    assert line == "train.py: error: argument --alpha: erm has no such parameter; it has none.\n"
    line = refused(capsys, *DIGITS, "--method", "mixup", "--latents", "mean")
    assert "argument --latents: mixup has no such parameter; it has alpha, clean_share" in line
    line = refused(capsys, *DIGITS, "--method", "mixup", "--alfa", "0.2")
    assert "Did you mean '--alpha'?" in line


def test_all_fields_are_flags_and_the_defaults_those_of_the_recipe():
    recipe = parse_recipe(DIGITS)
    defaults = Recipe("digits")
    for field in dataclasses.fields(Recipe):
        if field.name not in ("method_parameters", "command"):
            assert getattr(recipe, field.name) == getattr(defaults, field.name), field.name


def test_flags_become_fields_and_fields_config():
    recipe = parse_recipe(
        [
            *DIGITS,
            "--method",
            "varmixup",
            "--alpha",
            "0.2",
            "--clean_share",
            "0.5",
            "--lambda_per",
            "batch",
            "--seed",
            "3",
            "--no-flip",
            "--vae",
            "a/b",
            "--resume",
        ]
    )
    given = {"alpha": 0.2, "lambda_per": "batch", "clean_share": 0.5}
    own = {one.name: one.default for one in method_signatures()["varmixup"].parameters}
    assert recipe.method_parameters == own | RECOMMENDED["varmixup"] | given
    assert (recipe.seed, recipe.flip, recipe.vae, recipe.resume) == (
        3,
        False,
        pathlib.Path("a/b"),
        True,
    )
    config = recipe.config()
    assert (config["alpha"], config["lambda_per"], config["vae"]) == (0.2, "batch", "a/b")


@pytest.mark.parametrize("name", method_signatures())
def test_every_parameter_of_every_method_is_a_flag_and_in_config(name):
    config = parse_recipe([*DIGITS, "--method", name]).config()
    for parameter in method_signatures()[name].parameters:
        recommended = RECOMMENDED.get(name, {})
        assert config[parameter.name] == recommended.get(parameter.name, parameter.default)
    others = {
        one.name for signature in method_signatures().values() for one in signature.parameters
    } - {one.name for one in method_signatures()[name].parameters}
    assert not others & config.keys()


def test_what_is_recommended_gives_way_to_what_is_given(capsys):
    """Zeros switch off what depends on them; everything else stays recommended."""
    arguments = [*DIGITS, "--residual", "0", "--noise", "0", "--alpha", "1"]
    found = parse_recipe(arguments).method_parameters
    signature = method_signatures()["varmixup"]
    plain = {one.name: one.default for one in signature.parameters}
    assert found == plain | {"clean_share": 0.75}
    create("varmixup", autoencoder=VariationalAutoencoder((8, 8, 1), width=4), **found)
    assert parse_recipe([*DIGITS, "--method", "mixup"]).method_parameters["clean_share"] == 0.0
    assert "varmixup: 0.75; adversarial_varmixup: 0.75" in help_of(capsys)
    less = parse_recipe([*DIGITS, "--residual", "0.5"]).method_parameters
    assert (less["residual"], less["residual_draw"]) == (0.5, "uniform")
    both = parse_recipe([*DIGITS, "--residual_from", "both"]).method_parameters
    assert (both["residual_label"], both["residual_draw"]) == (0.0, "uniform")
    # What is given stays, for the method to refuse.
    given = parse_recipe([*DIGITS, "--noise", "0", "--noise_draw", "uniform"])
    assert given.method_parameters["noise_draw"] == "uniform"


@pytest.mark.parametrize("name", RECOMMENDED)
def test_what_is_recommended_can_be_made(name):
    found = parse_recipe([*DIGITS, "--method", name]).method_parameters
    parameters = {key: 0.7 if value == FITTED else value for key, value in found.items()}
    model = {"autoencoder": VariationalAutoencoder((8, 8, 1), width=4)}
    needed = model if method_signatures()[name].needs_autoencoder else {}
    method = create(name, **needed, **parameters)
    assert {key: getattr(method, key) for key in parameters} == parameters


def test_what_it_was_called_before_is_taken():
    recipe = parse_recipe([*DIGITS, "--method", "mixup", "--lambda_per", "picture"])
    assert recipe.method_parameters["lambda_per"] == "image"


def test_no_preset_means_default():
    one, other = parse_recipe(DIGITS), parse_recipe([*DIGITS, "--preset", "default"])
    assert dataclasses.replace(other, command=one.command) == one


def test_the_command_can_be_pasted_back():
    command = parse_recipe(["--dataset", "my images", "--seed", "3"]).command
    assert command == "python train.py --dataset 'my images' --seed 3"
    command = parse_recipe(DIGITS, "varmixup-train").command
    assert command == "varmixup-train --dataset digits"


def test_help_lists_methods_and_their_parameters(capsys):
    text = help_of(capsys)
    for signature in method_signatures().values():
        assert f"{signature.name} {signature.summary}" in text
        for parameter in signature.parameters:
            assert f"--{parameter.name}" in text
    assert "ConfidencePenalty" not in text


# Compositions


def test_flags_of_a_composition_are_those_of_its_methods():
    recipe = parse_recipe(
        [*DIGITS, "--method", "varmixup+regmixup", "--varmixup_alpha", "0.3", "--residual", "0.5"]
    )
    values = recipe.method_parameters
    assert (values["varmixup_alpha"], values["regmixup_alpha"]) == (0.3, 20.0)
    assert (values["residual"], values["clean_share"]) == (
        0.5,
        RECOMMENDED["varmixup"]["clean_share"],
    )
    assert (values["combine"], values["shares"]) == ("sequence", "")
    assert recipe.config()["varmixup_alpha"] == 0.3
    assert recipe.folder() == pathlib.Path("runs/digits-varmixup+regmixup-seed0")


def test_flags_of_a_composition_are_none_of_every_run():
    method = "adversarial+interpolated_adversarial"
    recipe = parse_recipe([*DIGITS, "--method", method, "--adversarial_radius", "0.1"])
    assert recipe.method_parameters["adversarial_radius"] == 0.1
    assert recipe.vae_adversarial_radius == 0.0


def test_help_of_a_composition_says_whose_flags_there_are(capsys):
    text = help_of(capsys, "--method", "varmixup+gaussian")
    assert "--varmixup_clean_share S varmixup+gaussian: Share of each batch" in text
    assert "(default: 0.0; varmixup+gaussian: 0.75)" in text
    assert "--combine {sequence,choice} varmixup+gaussian: Whether" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--method", "mixup+gausian"], ["Did you mean 'gaussian'?"]),
        (["--method", "mixup+mixup"], ["mixup more than once"]),
        (["--method", "mixup+gaussian", "--clean_share", "0.5"], ["mixup_clean_share"]),
        (["--method", "mixup+gaussian", "--combine", "both"], ["--combine", "sequence", "choice"]),
        (["--method", "mixup", "--combine", "choice"], ["--combine"]),
    ],
    ids=" ".join,
)
def test_bad_compositions_are_refused(capsys, arguments, words):
    line = refused(capsys, *DIGITS, *arguments)
    assert all(word in line for word in words), line


def test_a_method_of_ones_own_is_composed_too(own_method):
    recipe = parse_recipe([*DIGITS, "--method", f"mixup+{OWN}", "--strength", "0.4"])
    assert (recipe.method_parameters["strength"], recipe.method_parameters["alpha"]) == (0.4, 1.0)


# A method of one's own, in the working directory


def test_a_method_of_ones_own_brings_its_flags(own_method, capsys):
    recipe = parse_recipe([*DIGITS, "--method", OWN, "--strength", "0.4", "--form", "gini"])
    assert recipe.method_parameters == {"strength": 0.4, "form": "gini"}
    assert recipe.config()["strength"] == 0.4
    assert parse_recipe([*DIGITS, "--method", OWN]).method_parameters == {
        "strength": 0.1,
        "form": "entropy",
    }


def test_a_method_of_ones_own_is_in_the_help(own_method, capsys):
    text = help_of(capsys, "--method", OWN)
    assert f"--strength X {OWN}: Weight of the penalty (default: 0.1)" in text
    assert f"{OWN}: What is computed of the probabilities (default: entropy)" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--strength", "0"], ["--strength", "positive"]),
        (["--form", "other"], ["--form", "entropy", "gini"]),
        (["--strenth", "1"], ["--strenth", "Did you mean '--strength'?"]),
        (["--alpha", "1"], ["--alpha", "it has form, strength"]),
    ],
    ids=" ".join,
)
def test_bad_parameters_of_ones_own_method_are_refused_as_any(own_method, capsys, arguments, words):
    line = refused(capsys, *DIGITS, "--method", OWN, *arguments)
    assert all(word in line for word in words), line


def test_another_class_of_the_file_is_answered_with_what_is_registered(own_method, capsys):
    line = refused(capsys, *DIGITS, "--method", "confidence_penalty:Penalty")
    assert "registered there: ConfidencePenalty" in line


@pytest.mark.parametrize(
    ("parameter", "words"),
    [
        ("strength: float", "needs the argument --strength"),
        ("seed: int = 0", "names of their own"),
        ("strength: Path = 1", "Received: Path"),
        ("strength: float = ", "(unfit.py, line 4)"),
    ],
)
def test_a_constructor_that_cannot_be_flags_gets_one_line(
    own_method, capsys, tmp_path, parameter, words
):
    (tmp_path / "unfit.py").write_text(
        "from tf_varmixup.methods import Method, register\n"
        "@register('unfit')\n"
        "class Unfit(Method):\n"
        f"    def __init__(self, {parameter}, **kwargs):\n"
        "        super().__init__(**kwargs)\n"
    )
    assert words in refused(capsys, *DIGITS, "--method", "unfit:Unfit")
