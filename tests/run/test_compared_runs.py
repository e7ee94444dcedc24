"""Which runs stand in one table, under which label, and why others do not."""

import dataclasses
import itertools
import json
import pathlib

import pytest

from tf_varmixup.corruptions import BENCHMARK
from tf_varmixup.files import path_digest
from tf_varmixup.metrics import measure
from tf_varmixup.report.comparison_tables import numbers_table
from tf_varmixup.run import ComparedRow, FinishedRun, compare_runs, read_run
from tf_varmixup.run.paired import best_of, difference, summarized

RESULTS = pathlib.Path(__file__).resolve().parents[2] / "results"
CELLS = [{"corruption": one, "severity": 1, "accuracy": 0.5, "error": 0.5} for one in BENCHMARK]


def run(method="erm", seed=0, accuracy=0.5, cells=(), metrics=None, **settings):
    config = {"dataset": "digits", "method": method, "seed": seed, "precision": "float32"}
    name = "-".join([method, *map(str, settings.values()), str(seed)])
    found = {"clean": {"accuracy": accuracy}} if metrics is None else metrics
    return FinishedRun(pathlib.Path("runs") / name, config | settings, found, cells)


def elsewhere(label, cells):
    return ComparedRow(label, (FinishedRun(pathlib.Path(f"{label}.csv"), {}, {}, cells),))


def labels(comparison):
    return [row.label for row in comparison.rows]


def test_runs_are_grouped_by_recipe_over_seeds_with_the_baseline_first():
    runs = [run("mixup", 1), run("erm", 0), run("mixup", 0), run("erm", 2)]
    comparison = compare_runs(runs)
    assert [(row.label, row.seeds) for row in comparison.rows] == [
        ("erm", (0, 2)),
        ("mixup", (0, 1)),
    ]
    assert comparison.baseline is comparison.rows[0]
    assert comparison.not_compared == ()


def test_runs_that_differ_in_parameters_are_rows_whose_labels_say_how():
    runs = [
        run("mixup", alpha=1.0, clean_share=0.5),
        run("mixup", alpha=0.3, clean_share=0.5),
        run("varmixup", likelihood_scale=0.4),
        run("varmixup", likelihood_scale=0.05),
        run("cutmix", alpha=0.7),
    ]
    assert labels(compare_runs(runs)) == [
        "mixup, alpha 1",
        "mixup, alpha 0.3",
        "varmixup, likelihood scale 0.4",
        "varmixup, likelihood scale 0.05",
        "cutmix",
    ]


@pytest.mark.parametrize(
    ("name", "value", "other"),
    [
        ("dataset", "fashion_mnist", "digits"),
        ("classifier", "airbench", "compact"),
        ("epochs", 10, 3),
        ("preset", "best", "quick"),
        ("corruption_pictures", 10000, 500),
        ("batch_size", 64, 128),
    ],
)
def test_a_run_of_another_recipe_is_not_compared_and_the_reason_is_the_setting(name, value, other):
    runs = [run(**{name: other}), run("mixup", **{name: other}), run("mixup", 1, **{name: value})]
    comparison = compare_runs(runs)
    assert labels(comparison) == ["erm", "mixup"]
    reason = f"{name} {value!r} instead of {other!r}"
    assert comparison.not_compared == ((str(runs[2].path), reason),)


@pytest.mark.parametrize("fact", ["source", "constants", "frost"])
def test_other_corrupted_images_are_a_reason(fact):
    metrics = [{"corruptions": {fact: value}} for value in ("one", "one", "another")]
    runs = [run("erm", seed, metrics=one) for seed, one in enumerate(metrics)]
    [(name, reason)] = compare_runs(runs).not_compared
    assert name == str(runs[2].path)
    assert reason == f"corruptions.{fact} 'another' instead of 'one'"


def test_the_set_with_the_baseline_is_compared_and_else_the_largest():
    runs = [run(epochs=9), run(epochs=3), run("mixup", epochs=3), run("cutmix", epochs=9)]
    runs.append(run("varmixup", epochs=3))
    assert labels(compare_runs(runs)) == ["erm", "mixup", "varmixup"]
    assert labels(compare_runs(runs, "cutmix")) == ["cutmix", "erm"]
    assert labels(compare_runs(runs, "runs/erm-9-0")) == ["erm", "cutmix"]
    assert labels(compare_runs(runs, "erm-9-0")) == ["erm", "cutmix"]


def test_a_baseline_that_is_not_there_is_refused_with_the_nearest():
    with pytest.raises(
        ValueError, match=r"one of 'erm', 'mixup', or a run\. Received: 'mixip'\. Did"
    ):
        compare_runs([run(), run("mixup")], "mixip")
    # A method with several rows is no row.
    with pytest.raises(ValueError, match=r"'mixup, alpha 1', 'mixup, alpha 0\.3'"):
        compare_runs([run("mixup", alpha=1.0), run("mixup", alpha=0.3)], "mixup")
    with pytest.raises(ValueError, match="at least one run"):
        compare_runs([])


def test_a_seed_counts_once():
    first, again = run("mixup", 3), run("mixup", 3, data_dir="elsewhere")
    comparison = compare_runs([first, again])
    assert comparison.rows[0].runs == (first,)
    assert comparison.not_compared == (
        (str(again.path), f"seed 3 of this recipe is compared as {first.path}"),
    )


def test_an_evaluation_must_agree_in_what_was_measured_alone():
    def evaluation(name, dataset, pictures):
        metrics = {"corruptions": {"source": "regenerated", "pictures": pictures}}
        return FinishedRun(pathlib.Path(name), {"dataset": dataset}, metrics)

    ours = run(epochs=3, corruption_pictures=500, metrics=evaluation("", "", 500).metrics)
    others = [evaluation(*one) for one in (("a", "digits", 500), ("b", "cifar10", 500))]
    others.append(evaluation("c", "digits", 10))
    comparison = compare_runs([ours, *others])
    assert labels(comparison) == ["erm", "a"]
    assert comparison.rows[1].seeds == ()
    assert comparison.not_compared == (
        ("b", "dataset 'cifar10' instead of 'digits'"),
        ("c", "corruption_pictures 10 instead of 500"),
    )


def test_as_many_cells_of_other_corruptions_are_no_seed_of_the_same_row():
    def cells(name):
        return [{"corruption": name, "severity": level, "error": 0.5} for level in range(1, 6)]

    runs = [run(seed=0, cells=cells("brightness")), run(seed=1, cells=cells("fog"))]
    comparison = compare_runs(runs)
    assert [row.seeds for row in comparison.rows] == [(0,)]
    [(_, reason)] = comparison.not_compared
    assert reason == (
        "cells of the benchmark 'fog 1, 2, 3, 4, 5' instead of 'brightness 1, 2, 3, 4, 5'"
    )


@pytest.mark.parametrize(
    ("digest", "called"),
    [
        ("data_digest", "data_digest"),
        ("corruption_digest", "corruption_digest"),
        ("shared_vae_digest", "shared_vae_digest"),
        ("ood_digest", "ood drawings, digest"),
    ],
)
def test_evaluations_of_other_images_under_the_same_name_are_not_compared(digest, called, tmp_path):
    paths = [
        write_run(tmp_path / name, {"dataset": "photos", "ood": "drawings", digest: name})
        for name in ("old", "new")
    ]
    comparison = compare_runs([read_run(path) for path in paths])
    assert comparison.not_compared == ((str(paths[1]), f"{called} 'new' instead of 'old'"),)


def test_an_evaluation_is_not_of_the_run_that_took_the_place_of_the_one_it_measured(tmp_path):
    model = write_run(tmp_path / "run", {"dataset": "digits", "method": "mixup", "seed": 4})
    (model / "classifier.keras").write_text("weights")
    config = {"dataset": "digits", "model": str(model), "model_kind": "run"}
    config["model_digest"] = path_digest(model / "classifier.keras")
    measured = write_run(tmp_path / "measured", config)
    assert read_run(measured).seed == 4
    (model / "classifier.keras").write_text("others")
    assert read_run(measured).seed is None


def test_results_from_elsewhere_must_have_all_cells_and_get_their_mean():
    extra = {"corruption": "spatter", "severity": 1, "accuracy": 0.0, "error": 1.0}
    better = [{**cell, "accuracy": 0.6, "error": 0.4} for cell in CELLS]
    given = [elsewhere("theirs", [*better, extra]), elsewhere("part", CELLS[:-1])]
    comparison = compare_runs([run(cells=CELLS)], elsewhere=given)
    assert labels(comparison) == ["erm", "theirs"]
    corrupted = comparison.rows[1].runs[0].metrics["corrupted"]
    assert corrupted == {"accuracy": pytest.approx(0.6), "mce": pytest.approx(0.8)}
    assert comparison.not_compared == (
        ("part.csv", "it lacks cells that count: jpeg_compression 1"),
    )


def test_corruption_errors_are_relative_to_the_mean_of_the_baseline():
    def cells(error):
        return [{**cell, "accuracy": 1 - error, "error": error} for cell in CELLS]

    runs = [
        run("erm", 0, 0.9, cells(0.4)),
        run("erm", 1, 0.8, cells(0.6)),
        run("mixup", 0, 0.95, cells(0.45)),
        run("cutmix"),
    ]
    erm, mixup, cutmix = compare_runs(runs).rows
    assert [one.metrics["corrupted"]["mce"] for one in erm.runs] == pytest.approx([0.8, 1.2])
    # Above the clean errors: (0.45 - 0.05) / (0.5 - 0.15).
    assert mixup.runs[0].metrics["corrupted"] == pytest.approx({"mce": 0.9, "relative_mce": 8 / 7})
    assert "corrupted" not in cutmix.runs[0].metrics


def test_the_interval_of_a_single_run_is_its_own():
    metrics = {"clean": {"accuracy": 0.5}, "intervals": {"clean": {"accuracy": [0.4, 0.7]}}}
    row = ComparedRow("erm", (run(metrics=metrics),))
    assert row.interval("clean", measure("accuracy")) == (0.4, 0.7)
    assert row.interval("clean", measure("error")) == pytest.approx((0.3, 0.6))
    assert row.interval("clean", measure("nll")) is row.interval("ood", measure("nll")) is None
    two = ComparedRow("erm", (run(metrics=metrics), run(seed=1, metrics=metrics)))
    assert two.interval("clean", measure("accuracy")) is None


def test_differences_are_paired_by_seed():
    # 0.1 and 0.3 above: 0.2 +- 12.7062 * sqrt(0.02) / sqrt(2), by Student's t of one degree.
    found = difference({0: 0.5, 1: 0.9, 5: 9.0}, {1: 0.6, 0: 0.4, 7: -9.0})
    assert found == pytest.approx((0.2, 0.2 - 1.27062, 0.2 + 1.27062), abs=1e-5)
    assert str(difference({0: 0.5}, {0: 0.25})) == "(0.25, nan, nan)"
    assert str(difference({0: 0.5, 1: 1.0}, {None: 0.25})) == "(0.5, nan, nan)"
    assert str(difference({0: 0.5, 1: float("nan")}, {0: 0.5})) == "(nan, nan, nan)"
    assert str(summarized({})) == "(nan, nan)"


def test_the_best_is_marked_where_every_paired_interval_excludes_0():
    low, high = {0: 0.1, 1: 0.2, 2: 0.3}, {0: 0.2, 1: 0.3, 2: 0.41}
    assert best_of([low, high], "higher") == 1
    assert best_of([low, high], "lower") == 0
    assert best_of([{seed: -value for seed, value in low.items()}, high], "zero") == 0
    # The differences are 0.1, 0.1 and 0.11 by seed, and vary from -0.1 to 0.31 in another order.
    assert best_of([low, dict(zip((2, 1, 0), high.values(), strict=True))], "higher") is None
    # Nothing supports it against a row of one seed or from elsewhere; one that lacks it is no row.
    assert best_of([low, high, {0: 0.0}], "higher") is None
    assert best_of([low, high, {None: 0.0}], "higher") is None
    assert best_of([low, high, {0: float("nan")}], "higher") == 1
    assert best_of([high], "higher") is None
    assert best_of([low, high], "") is None
    assert best_of([low, high], "higher", level=0.9999) is None


def test_a_folder_that_is_no_finished_run_is_refused_in_one_line(tmp_path):
    def refused(match):
        with pytest.raises(ValueError, match=match) as error:
            read_run(tmp_path / "my_run")
        assert "\n" not in str(error.value)

    (tmp_path / "my_runs").mkdir()
    (tmp_path / "my_runs" / "config.json").write_text("{}")
    refused(r"my_run, which does not exist\. Did you mean 'my_runs'\?")
    (tmp_path / "my_run").mkdir()
    refused("my_run, which has none")
    (tmp_path / "my_run" / "config.json").write_text('{"seed": 1')
    refused("my_run, which is not finished")
    (tmp_path / "my_run" / "metrics.json").write_text("[]")
    refused(r"Expected JSON in .*config\.json\. Received: ")
    (tmp_path / "my_run" / "config.json").write_text("{}")
    refused(r"Expected a JSON object in .*metrics\.json\. Received: list")
    (tmp_path / "my_run" / "metrics.json").write_text("{}")
    assert read_run(tmp_path / "my_run").cells == ()


def test_evaluations_of_runs_are_grouped_as_their_runs(tmp_path):
    def write(name, config, metrics):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text(json.dumps(config))
        (tmp_path / name / "metrics.json").write_text(json.dumps(metrics))
        return tmp_path / name

    measured = []
    for seed in range(2):
        config = {"dataset": "digits", "method": "mixup", "seed": seed, "corruption_pictures": 9}
        model = str(write(f"run{seed}", config, {}))
        config = {"model": model, "model_kind": "run", "dataset": "digits", "seed": 5}
        metrics = {"corruptions": {"pictures": 4}}
        measured.append(read_run(write(f"measured{seed}", config, metrics)))
    assert measured[0].config["corruption_pictures"] == 4
    [row] = compare_runs(measured).rows
    assert (row.label, row.seeds) == ("mixup", (0, 1))
    config["mixup_inference"] = "predicted"  # which makes another classifier of the run's
    measured.append(read_run(write("mixed", config, metrics)))
    assert [(row.label, row.seeds) for row in compare_runs(measured).rows] == [
        ("mixup", (0, 1)),
        ("mixup, mixup inference predicted", (1,)),
    ]
    (tmp_path / "run0" / "config.json").unlink()
    assert read_run(measured[0].path).seed is None


def write_run(folder, config, metrics=None):
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "metrics.json").write_text(json.dumps(metrics or {}))
    return folder


def test_an_evaluation_in_the_folder_of_its_run_moves_with_it(tmp_path):
    old, new = tmp_path / "old" / "my_run", tmp_path / "copied" / "my_run"
    trained = {"dataset": "digits", "method": "mixup", "seed": 4}
    write_run(new, trained)
    config = {"model": str(old), "model_kind": "run", "dataset": "digits", "command": "evaluate"}
    inner = write_run(new / "evaluations" / "attack", config)
    assert read_run(inner).config == trained | {"command": "evaluate"}
    # What was trained since where the run was is another run.
    write_run(old, trained | {"seed": 5})
    assert read_run(inner).seed == 4
    (inner / "config.json").write_text(json.dumps(config | {"model": "gone/another_run"}))
    assert read_run(inner).seed is None
    (inner / "config.json").write_text(json.dumps(config | {"model_kind": "file"}))
    assert read_run(inner).seed is None


def named(name, seed=0, **settings):
    one = run("mixup", seed, **settings)
    return dataclasses.replace(one, path=pathlib.Path("runs") / name)


def test_rows_are_called_as_their_folders_where_that_is_asked_for(tmp_path):
    runs = [run(), named("digits-weak-seed0", alpha=0.3), named("digits-weak-seed1", 1, alpha=0.3)]
    runs.append(named("digits-mixup-seed0", alpha=1.0))
    measured = {"model": str(write_run(tmp_path / "digits-strong-seed0", runs[-1].config))}
    measured |= {"model_kind": "run", "dataset": "digits", "mixup_inference": "predicted"}
    runs.append(read_run(write_run(tmp_path / "anywhere", measured)))
    comparison = compare_runs(runs, labels="folder")
    assert labels(comparison) == ["erm-0", "weak", "mixup", "strong, mixup inference predicted"]
    assert comparison.baseline is comparison.rows[0]
    for baseline in ("weak", "mixup, alpha 0.3"):
        assert labels(compare_runs(runs[:4], baseline, labels="folder"))[0] == "weak"
    assert labels(compare_runs(runs[:4], "weak"))[0] == "mixup, alpha 0.3"


def test_names_of_folders_tell_equal_recipes_apart_and_must_tell_others_apart():
    weak = named("digits-weak-seed0", alpha=0.3)
    again = named("digits-again-seed0", alpha=0.3)
    assert labels(compare_runs([weak, again], labels="folder")) == ["weak", "again"]
    assert len(compare_runs([weak, again]).rows) == 1
    with pytest.raises(ValueError, match=r"Received: weak for mixup.* and for another"):
        compare_runs([weak, named("digits-weak-seed0", alpha=1.0)], labels="folder")
    with pytest.raises(ValueError, match="Expected labels"):
        compare_runs([weak], labels="folders")


def test_an_evaluation_of_another_dataset_is_called_as_its_run(tmp_path):
    trained = {"dataset": "digits", "method": "mixup", "seed": 4}
    folder = write_run(tmp_path / "digits-weak-seed4", trained)
    config = {"model": str(folder), "model_kind": "run", "dataset": "others", "seed": 0}
    measured = read_run(write_run(folder / "evaluations" / "shift", config))
    assert (measured.called, measured.config["dataset"]) == ("weak", "others")
    # The seed of what was not trained here is that of its measurement.
    foreign = {"model": "resnet.keras", "model_kind": "file", "dataset": "digits", "seed": 0}
    one = read_run(write_run(tmp_path / "evaluations" / "resnet-seed0", foreign))
    assert one.called == "resnet-seed0"


def test_results_from_elsewhere_have_names_of_their_own():
    with pytest.raises(ValueError, match=r"Expected other names .* Received: erm\."):
        compare_runs([run(cells=CELLS)], elsewhere=[elsewhere("erm", CELLS)])


def test_runs_of_the_repository_are_compared_within_their_preset():
    paths = sorted(RESULTS.glob("cifar10-*"))
    runs = [read_run(path) for path in paths]
    config, metrics = (
        json.loads((paths[0] / f"{one}.json").read_text()) for one in ("config", "metrics")
    )
    assert (runs[0].config, runs[0].metrics, len(runs[0].cells)) == (config, metrics, 95)
    comparison = compare_runs(runs, "varmixup")
    presets = {one.config["preset"] for row in comparison.rows for one in row.runs}
    assert len(presets) == 1
    compared = sum(len(row.runs) for row in comparison.rows)
    assert compared + len(comparison.not_compared) == len(runs)
    assert all("preset" in reason for _, reason in comparison.not_compared)


def test_attacks_and_other_datasets_must_be_the_same_where_both_were_measured_by_them():
    def measured(seed, **conditions):
        return dataclasses.replace(run(seed=seed), conditions=conditions)

    weak, strong = ({"attack_radius": radius} for radius in (2 / 255, 8 / 255))
    comparison = compare_runs([measured(0, **weak), measured(1), measured(2, **strong)])
    assert comparison.rows[0].seeds == (0, 1)
    assert "attack_radius 0.03" in comparison.not_compared[0][1]
    here, there, other = ({"ood": name} for name in ("/a/photos", "/b/photos", "/a/drawings"))
    comparison = compare_runs([measured(0, **here), measured(1, **there), measured(2, **other)])
    assert comparison.rows[0].seeds == (0, 2)
    assert "ood photos" in comparison.not_compared[0][1]


def test_digests_of_other_datasets_and_of_shared_autoencoders_must_be_the_same():
    def measured(seed, **conditions):
        return dataclasses.replace(run(seed=seed), conditions=conditions)

    first, second = ({"ood": "/a/photos", "ood_digest": digest} for digest in "ab")
    comparison = compare_runs([measured(0, **first), measured(1, **second), measured(2)])
    assert comparison.rows[0].seeds == (0, 2)
    assert comparison.not_compared[0][1] == "ood photos, digest 'b' instead of 'a'"
    here = measured(1, ood="/a/drawings", ood_digest="b")
    assert compare_runs([measured(0, **first), here]).rows[0].seeds == (0, 1)
    through = [measured(seed, shared_vae_digest=digest) for seed, digest in enumerate("aab")]
    assert compare_runs(through).rows[0].seeds == (0, 1)


def test_runs_that_were_given_other_autoencoders_are_said_to_be():
    def given(seed, mse, digest="a"):
        return run("varmixup", seed, metrics={"vae": {"mse": mse}}, vae_digest=digest)

    def notes(*runs):
        return " ".join(numbers_table(compare_runs(runs), ()).notes)

    words = "The runs of varmixup were given different autoencoders."
    assert words in notes(given(0, 0.01), given(1, 0.02))
    assert words not in notes(given(0, 0.01), given(1, 0.0100001, "b"))  # by rounding alone
    assert words not in notes(given(0, 0.01, None), given(1, 0.02, None))  # each its own
    other = dataclasses.replace(given(0, 0.02), path=pathlib.Path("runs/other"))
    comparison = compare_runs([given(0, 0.01), other])
    assert comparison.not_compared[0][1].endswith(", with another autoencoder")


def test_what_can_be_compared_does_not_depend_on_the_order():
    foreign = FinishedRun(pathlib.Path("foreign"), {"dataset": "digits"}, {})
    short = run("erm", epochs=3)
    long = [run(method, epochs=9) for method in ("erm", "mixup", "cutmix")]
    for runs in itertools.permutations([short, foreign, *long]):
        comparison = compare_runs(runs)
        # A set with the baseline is compared; of two that have it, the larger.
        assert {*labels(comparison)} == {"erm", "mixup", "cutmix", "foreign"}
        assert comparison.not_compared == (("runs/erm-3-0", "epochs 3 instead of 9"),)


def test_corruption_errors_relative_to_baselines_of_their_own_are_not_in_one_column():
    metrics = {"corrupted": {"accuracy": 0.5, "mce": 0.5}}
    foreign = [
        FinishedRun(pathlib.Path(name), {"dataset": "digits"}, metrics, CELLS) for name in "ab"
    ]
    for row in compare_runs(foreign).rows:
        assert row.runs[0].metrics == {"corrupted": {"accuracy": 0.5}}
    rows = compare_runs(foreign, baseline="a").rows
    assert [row.runs[0].metrics["corrupted"]["mce"] for row in rows] == [1.0, 1.0]


def test_a_run_that_is_given_twice_is_said_to_be():
    comparison = compare_runs([run(), run()])
    assert comparison.not_compared == (("runs/erm-0", "it is given twice"),)


@pytest.mark.parametrize(
    ("config", "metrics", "message"),
    [
        ({}, {"clean": {"accuracy": 91.0}}, r"clean\.accuracy .* a share .* Received: 91\.0"),
        ({}, {"clean": {"accuracy": "0.9"}}, r"clean\.accuracy .* a number"),
        ({}, {"clean": [0.9]}, r"clean .* a JSON object"),
        ({}, {"intervals": {"clean": {"ece": [0.0, 0.1, 0.2]}}}, "two ends"),
        ({"seed": "7"}, {}, "seed .* an integer"),
    ],
)
def test_metrics_that_were_written_by_hand_are_checked(tmp_path, config, metrics, message):
    (tmp_path / "config.json").write_text(json.dumps({"method": "erm", "seed": 0} | config))
    (tmp_path / "metrics.json").write_text(json.dumps(metrics))
    with pytest.raises(ValueError, match=message) as raised:
        read_run(tmp_path)
    assert "\n" not in str(raised.value)
