"""Runs that repeat one experiment with other seeds, and runs that differ."""

import itertools
import json
import pathlib

import pytest

from tf_varmixup.run import Recipe, differences, experiment, group_runs, same_experiment

RESULTS = pathlib.Path(__file__).resolve().parents[2] / "results"
METRICS = {
    "environment": {"precision": "float32"},
    "corruptions": {"source": "regenerated", "constants": "CIFAR-10-C", "frost": "generated"},
}


def run(seed=0, method="varmixup", metrics=METRICS, **settings):
    parameters = {"latents": "mean", "alpha": 1.0, "lambda_per": "image", "clean_share": 0.0}
    own = {} if method == "erm" else parameters
    own |= {name: settings.pop(name) for name in list(settings) if name in parameters}
    recipe = Recipe("cifar10", method=method, method_parameters=own, seed=seed, **settings)
    return recipe.resolved(45_000, 10_000, True, "float32", "none").config(), metrics


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("learning_rate", 0.31),
        ("weight_decay", 0.1),
        ("shift", 0.3),
        ("flip", False),
        ("epochs", 3),
        ("vae_epochs", 3),
        ("batch_size", 32),
        ("classifier", "compact"),
        ("preset", "best"),
        ("corruption_pictures", 10),
        ("image_size", 16),
        ("mix_in", "data"),
        ("precision", "bfloat16"),
        ("strategy", "mirrored"),
        ("clean_share", 0.5),
        ("latents", "sample"),
        ("alpha", 0.2),
        ("lambda_per", "batch"),
    ],
)
def test_runs_that_differ_are_no_seeds_of_one_experiment(name, value):
    one, other = run(0), run(1, **{name: value})
    assert name in differences(one, other)
    assert not same_experiment(one, other)
    with pytest.raises(ValueError, match="Expected runs of 'varmixup' that agree in") as raised:
        group_runs([one, other])
    assert "\n" not in str(raised.value)
    if name != "preset":  # which decides others, too
        assert differences(one, other) == {name: (one[0][name], value)}
        assert f"agree in {name}, to be averaged. Received: {one[0][name]!r} and {value!r}." in str(
            raised.value
        )


@pytest.mark.parametrize("fact", ["source", "constants", "frost"])
def test_images_corrupted_otherwise_are_another_experiment(fact):
    metrics = {**METRICS, "corruptions": {**METRICS["corruptions"], fact: "another"}}
    with pytest.raises(ValueError, match=rf"agree in corruptions\.{fact}.*'another'"):
        group_runs([run(0), run(1, metrics=metrics)])


@pytest.mark.parametrize(
    "settings",
    [
        {"data_dir": "elsewhere"},
        {"run_dir": pathlib.Path("elsewhere")},
        {"vae": pathlib.Path("elsewhere")},
        {"resume": True},
        {"command": "python train.py"},
    ],
    ids=str,
)
def test_paths_and_commands_make_no_difference(settings):
    assert same_experiment(run(0), run(1, **settings))


def test_a_group_for_each_method_ordered_by_seed():
    runs = [run(2), run(1, "erm"), run(0), run(0, "erm"), run(1)]
    groups = group_runs(runs)
    seeds = {method: [config["seed"] for config, _ in group] for method, group in groups.items()}
    assert list(seeds.items()) == [("varmixup", [0, 1, 2]), ("erm", [0, 1])]


def test_a_seed_counts_once():
    with pytest.raises(ValueError, match=r"different seeds, to be averaged. Received: seeds 0, 0"):
        group_runs([run(0), run(0)])


def test_the_scale_of_an_autoencoder_is_no_setting_where_there_is_none():
    assert same_experiment(run(method="erm"), run(method="erm", likelihood_scale=0.05))
    assert differences(run(), run(likelihood_scale=0.05)) == {"likelihood_scale": (0.2, 0.05)}


def test_parameters_of_other_methods_are_no_settings():
    erm, metrics = run(0, "erm")
    assert same_experiment((erm, metrics), ({**erm, "seed": 1, "alpha": 0.3}, metrics))
    assert "alpha" not in experiment({**erm, "alpha": 0.3}, metrics)
    assert experiment(*run(0))["alpha"] == 1.0


def test_parameters_of_a_method_of_ones_own_count():
    config, metrics = run(0, "erm")
    config = {**config, "method": "nowhere:Method", "strength": 0.1}
    other = {**config, "seed": 1, "strength": 0.2}
    assert differences((config, metrics), (other, metrics)) == {"strength": (0.1, 0.2)}


# Runs of the version before, which wrote down what was asked for and not what was decided.


def read(folder):
    return [json.loads((folder / f"{name}.json").read_text()) for name in ("config", "metrics")]


def former_runs():
    return [tuple(read(path.parent)) for path in sorted(RESULTS.glob("*/config.json"))]


def test_former_runs_with_another_seed_repeat_their_experiment():
    assert former_runs()
    for config, metrics in former_runs():
        again = {**config, "seed": 1, "command": "another", "data_dir": None}
        groups = group_runs([(config, metrics), (again, metrics)])
        assert [len(group) for group in groups.values()] == [2]


def test_former_runs_of_several_methods_still_group():
    for preset, dataset in itertools.product(("quick", "default"), ("cifar10", "fashion_mnist")):
        runs = [
            one
            for one in former_runs()
            if (one[0]["preset"], one[0]["dataset"]) == (preset, dataset)
            and "likelihood_scale" not in one[0]  # which runs of today write down
        ]
        assert len(group_runs(runs)) == len(runs)


def test_a_former_run_and_one_of_today_are_one_experiment():
    former = [
        (config, metrics)
        for config, metrics in former_runs()
        if config["method"] == "varmixup"
        and config["dataset"] == "cifar10"
        and "likelihood_scale" not in config  # which runs of today write down
    ]
    assert former
    for config, metrics in former:
        recipe = Recipe(
            "cifar10",
            method="varmixup",
            preset=config["preset"],
            method_parameters={
                "latents": "mean",
                "alpha": 1.0,
                "lambda_per": "image",
                "clean_share": 0.0,
            },
            seed=1,
            likelihood_scale=0.05,  # what it was when nothing was written down
            vae_latent="spatial",
            optimizer="sgd",
            batch_size=128,
            **{
                name: config[name]
                for name in ("classifier", "learning_rate", "weight_decay", "shift")
                if name in config  # the first runs of all say nothing of the others
            },
        )
        precision = metrics["environment"]["precision"].removeprefix("mixed_")
        today = recipe.resolved(45_000, 10_000, True, precision, "none").config()
        assert differences((config, metrics), (today, metrics)) == {}
        longer = {**today, "epochs": 11}
        assert differences((config, metrics), (longer, metrics)).keys() == {"epochs"}


def test_the_autoencoder_counts_only_where_a_run_has_one():
    assert same_experiment(run(0, "erm", vae_epochs=2), run(1, "erm", vae_epochs=3))
    fitted = [run(seed, "blur", vae_epochs=2 + seed) for seed in range(2)]
    for config, _ in fitted:
        config["sigma"] = "fitted"
    assert "vae_epochs" in differences(*fitted)


def test_data_separate_runs_only_where_they_are_known_to_differ():
    former, one, same, other = run(), run(), run(seed=1), run(seed=2)
    del former[0]["data_digest"]
    for pair, digest in ((one, "1"), (same, "1"), (other, "2")):
        pair[0].update(data_digest=digest, checkpoint_minutes=float(digest), vae_digest=digest)
    assert same_experiment(one, same)
    assert same_experiment(former, one)
    assert differences(one, other) == {"data_digest": ("1", "2")}
