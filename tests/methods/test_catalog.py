"""The catalog: how methods and their parameters are known by name."""

import inspect
import subprocess
import sys
import textwrap

import pytest

from tf_varmixup import draws, methods
from tf_varmixup.methods.signatures import PROVIDED

NAMES = ["erm", "gaussian", "mixup", "mixup_reconstruction", "reconstruction", "varmixup"]


def test_methods_in_alphabetical_order():
    known = list(methods.method_signatures())
    assert known == sorted(known)
    assert set(NAMES) <= set(known)
    assert methods.method_class("varmixup") is methods.VarMixup
    assert methods.method_class("erm") is methods.EmpiricalRisk


@pytest.mark.parametrize("name", list(methods.method_signatures()))
def test_what_is_read_from_the_file_is_what_the_class_has(name):
    """The command line reads files, `create` asks classes: both must say the same."""
    signature, cls = methods.method_signature(name), methods.method_class(name)
    assert cls.method == name == signature.name
    assert cls.__doc__.startswith(signature.summary)
    constructor = inspect.signature(cls).parameters
    own = [one for one in cls.parameter_names() if one not in PROVIDED]
    assert [one.name for one in signature.parameters] == own
    assert signature.needs_autoencoder == ("autoencoder" in constructor)
    for parameter in signature.parameters:
        assert parameter.default == constructor[parameter.name].default
        assert parameter.annotation == constructor[parameter.name].annotation
        assert parameter.help, f"{name} should say what {parameter.name} is"


def test_signatures_need_no_tensorflow():
    program = """
        import sys
        from tf_varmixup.methods.signatures import method_signatures
        assert len(method_signatures()) >= 5
        assert "tensorflow" not in sys.modules and "keras" not in sys.modules
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_create_passes_parameters_on():
    assert methods.create("mixup", alpha=0.5, lambda_per="batch").parameters() == {
        "alpha": 0.5,
        "lambda_per": "batch",
        "clean_share": 0.0,
    }
    assert repr(methods.create(methods.Mixup, alpha=2)) == (
        "Mixup(alpha=2.0, lambda_per='image', clean_share=0.0)"
    )


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        (
            "mixup",
            {"alfa": 0.2},
            "alpha, lambda_per, clean_share. Received: 'alfa'. Did you mean 'alpha'?",
        ),
        ("mixup", {"latents": "mean"}, "parameter of mixup.*Received: 'latents'"),
        ("erm", {"alpha": 1.0}, "parameter of erm: it has none. Received: 'alpha'"),
        ("mixup", {"alpha": -1}, "alpha to be a positive number. Received: -1"),
        ("cutmux", {}, "cutmix, erm, gaussian, .*Received: 'cutmux'"),
        ("mixop", {}, "Did you mean 'mixup'?"),
        ("nowhere:Mixup", {}, "Python module. Received: 'nowhere:Mixup'"),
        ("tf_varmixup.methods.mixup:Cutout", {}, "registered there: Mixup"),
    ],
)
def test_what_a_method_does_not_know_is_refused(name, parameters, message):
    with pytest.raises(ValueError, match=message.replace("?", "[?]")):
        methods.create(name, **parameters)


OWN = """
    from typing import Any

    import tensorflow as tf

    from tf_varmixup.checks import Positive
    from tf_varmixup.methods import VicinalDistribution, register


    @register("darker")
    class Darker(VicinalDistribution):
        \"\"\"Images made darker.

        Args:
            factor: What the levels are multiplied by,
                in every image.
            strong: Whether twice.
        \"\"\"

        def __init__(self, factor: Positive = 0.5, strong: bool = False, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.factor, self.strong = factor, strong

        def sample(self, images, labels, seed):
            return tf.cast(images, tf.float32) * self.factor, labels
"""


def test_a_class_of_ones_own_is_found_in_its_module(tmp_path, monkeypatch, images, labels):
    (tmp_path / "my_darker.py").write_text(textwrap.dedent(OWN))
    monkeypatch.syspath_prepend(tmp_path)
    signature = methods.method_signature("my_darker:Darker")
    assert "my_darker" not in sys.modules
    factor, strong = signature.parameters
    assert (factor.name, factor.default) == ("factor", 0.5)
    assert factor.help == "What the levels are multiplied by, in every image."
    assert (strong.annotation, strong.default) == (bool, False)
    darker = methods.create("my_darker:Darker", factor=0.25)
    assert repr(darker) == "Darker(factor=0.25, strong=False)"
    assert darker.sample(images, labels, draws.run_seed(0))[0].numpy().max() <= 0.25 * 255
    assert type(darker).from_config(darker.get_config()).factor == 0.25


def test_a_parameter_without_a_type_has_that_of_its_default(tmp_path, monkeypatch):
    own = textwrap.dedent(OWN).replace("factor: Positive = 0.5", "factor=0.5")
    (tmp_path / "my_untyped.py").write_text(own)
    monkeypatch.syspath_prepend(tmp_path)
    assert methods.method_signature("my_untyped:Darker").parameters[0].annotation is float


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("= 0.5", "= 2.0**-3", r"as the default of factor in .*Received: 2.0 [*][*] "),
        ("factor: Positive", "factor: Strength", "for factor in .*Received: Strength"),
    ],
)
def test_what_cannot_be_read_without_running_the_file_is_named(
    old, new, message, tmp_path, monkeypatch
):
    name = f"my_{abs(hash(new))}"
    (tmp_path / f"{name}.py").write_text(textwrap.dedent(OWN).replace(old, new))
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match=message):
        methods.method_signature(f"{name}:Darker")


def test_a_parameter_that_is_not_kept_is_named():
    class Forgetful(methods.Method):
        def __init__(self, strength=1.0, **kwargs):
            super().__init__(**kwargs)

    with pytest.raises(AttributeError, match=r"Forgetful to keep .* no attribute strength"):
        Forgetful().get_config()
