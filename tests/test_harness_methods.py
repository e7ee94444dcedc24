"""Every method goes through the harness, what is new included."""

import functools
import inspect
import typing

import pytest

from tests.harness import autoencoder_of, check_draws, check_method
from tf_varmixup.checks import Count, Fraction, NotNegative, Positive, Share
from tf_varmixup.methods import VarMixup, create, method_signature, method_signatures

# Attacks of as few steps as do the same thing again.
SHORT = {
    "adversarial": {"steps": 2},
    "interpolated_adversarial": {"steps": 2},
    "adversarial_varmixup": {"latent_steps": 2},
}


def other_value(parameter):
    """Return a value that is not the default of a method's parameter."""
    annotation = parameter.annotation
    if typing.get_origin(annotation) is typing.Literal:
        return next(one for one in typing.get_args(annotation) if one != parameter.default)
    values = {Positive: 0.5, NotNegative: 0.1, Share: 0.3, Fraction: 0.4, Count: 2}
    if annotation is bool:
        return not parameter.default
    return values.get(annotation, parameter.default)


def method_of(name, others, image_shape):
    signature = method_signature(name)
    parameters = {
        one.name: other_value(one)
        for one in signature.parameters
        if others or one.default is inspect.Parameter.empty
    }
    parameters |= SHORT.get(name, {})
    if signature.needs_autoencoder:
        parameters["autoencoder"] = autoencoder_of(image_shape)
    return create(name, **parameters)


# Methods made of others, which are checked by themselves.
DERIVED = {
    "adversarial_varmixup",
    "interpolated_adversarial",
    "mixup_reconstruction",
    "reconstruction",
    "regmixup",
}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow) if name in DERIVED else name
        for name in method_signatures()
    ],
)
def test_methods(name):
    check_method(functools.partial(method_of, name, False))


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [one.name for one in method_signatures().values() if one.parameters]
)
def test_methods_with_other_parameters(name):
    check_draws(functools.partial(method_of, name, True))


@pytest.mark.slow
def test_a_composition():
    check_method(lambda: create("gaussian+manifold_mixup"))


@pytest.mark.slow
def test_composition_by_choice():
    check_method(lambda: create("gaussian+label_smoothing", combine="choice", shares="0.3,0.7"))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mixup+gaussian", "varmixup+augmix", "varmixup+manifold_mixup"])
def test_what_compositions_draw(name):
    check_draws(functools.partial(method_of, name, False))


@pytest.mark.slow
def test_what_a_composition_by_choice_draws_with_an_autoencoder_that_is_shared():
    check_draws(
        lambda image_shape: create(
            "varmixup+reconstruction+mixup",
            autoencoder=autoencoder_of(image_shape),
            combine="choice",
            partner="other_class",
        )
    )


def test_varmixup_with_weights_of_positions_and_chosen_partners():
    words = {"lambda_per": "position", "partner": "nearest", "interpolation": "norm_keeping"}
    residual = {"residual": 1.0, "residual_from": "larger"}
    check_draws(lambda image_shape: VarMixup(autoencoder_of(image_shape), **words, **residual))


def test_a_method_of_ones_own(request, monkeypatch):
    monkeypatch.syspath_prepend(request.path.parent / "assets" / "methods")
    check_method(lambda: create("confidence_penalty:ConfidencePenalty", strength=0.3, form="gini"))
