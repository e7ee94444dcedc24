"""The catalogue: how methods are known by their names."""

import gc

import pytest

from tf_varmixup import draws, methods


def test_methods_in_alphabetical_order():
    known = methods.methods()
    assert list(known) == sorted(known) and {
        "erm",
        "mixup",
        "mixup_reconstruction",
        "reconstruction",
        "varmixup",
    } <= set(known)
    assert known["varmixup"] is methods.VarMixup and known["erm"] is methods.EmpiricalRisk
    assert all(cls.method == name for name, cls in known.items())


@pytest.mark.parametrize(
    ("method", "settings"),
    [
        ("erm", set()),
        ("mixup", {"alpha", "lambda_per"}),
        ("reconstruction", {"autoencoder", "latents"}),
        ("mixup_reconstruction", {"autoencoder", "latents", "alpha", "lambda_per"}),
        ("varmixup", {"autoencoder", "latents", "alpha", "lambda_per", "clean_share"}),
    ],
)
def test_settings(method, settings):
    assert methods.settings_of(method) == settings


def test_create_takes_the_settings_of_every_method(autoencoder):
    settings = {
        "autoencoder": autoencoder,
        "alpha": 0.5,
        "lambda_per": "batch",
        "latents": "sample",
        "clean_share": 0.5,
    }
    for name, cls in methods.methods().items():
        created = methods.create(name, **settings)
        assert type(created) is cls
        for setting in methods.settings_of(name) & set(settings):
            assert getattr(created, setting) == settings[setting]


def test_create_passes_bad_settings_on():
    with pytest.raises(ValueError, match="alpha must be a positive number, received -1"):
        methods.create("mixup", alpha=-1)


@pytest.mark.parametrize("ask", [methods.create, methods.settings_of])
def test_unknown_methods_are_answered_with_the_known(ask):
    with pytest.raises(ValueError, match="unknown method 'cutmux'; known are erm, .*varmixup"):
        ask("cutmux")


def test_a_new_class_is_known_by_its_method(images, labels):
    before = methods.methods()

    class Darker(methods.VicinalDistribution):
        method = "darker"

        def __init__(self, factor=0.5, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def sample(self, images, labels, seed):
            return images / 255 * self.factor, labels

    class Unnamed(methods.Mixup):
        """Inherits its method, and so is not one of its own."""

    assert methods.methods() == dict(sorted({**before, "darker": Darker}.items()))
    assert methods.settings_of("darker") == {"factor"}
    drawn, _ = methods.create("darker", factor=0.25, alpha=1.0).sample(
        images, labels, draws.run_seed(0)
    )
    assert drawn.max() <= 0.25
    del Darker, Unnamed, drawn
    gc.collect()
    assert methods.methods() == before


def test_a_class_defined_again_replaces_the_first():
    def define():
        class Again(methods.VicinalDistribution):
            method = "again"

        return Again

    kept = [define(), define()]
    assert methods.methods()["again"] is kept[1]
    del kept
    gc.collect()
    assert "again" not in methods.methods()
