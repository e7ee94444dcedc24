import importlib.util
import json
import pathlib
import shutil

import pytest

from tf_varmixup.commands.recipe_flags import parse_recipe

PROGRAM = pathlib.Path(__file__).resolve().parents[2] / "tools" / "make_tables.py"
BEGIN, END = "<!-- results:digits-quick:begin -->", "<!-- results:digits-quick:end -->"
README = f"# A\n\n{BEGIN}\nold\n{END}\n\nThe end.\n"


@pytest.fixture(scope="module")
def main():
    spec = importlib.util.spec_from_file_location("make_tables", PROGRAM)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.main


def add_run(root, method, seed, accuracy, preset="quick", **settings):
    folder = root / "results" / f"digits-{preset}-{method}-{seed}"
    folder.mkdir(parents=True)
    figures = {"accuracy": accuracy, "ece": 0.05, "signed_gap": 0.01, "nll": 0.5}
    flags = ["--dataset", "digits", "--preset", preset, "--method", method, "--seed", str(seed)]
    recipe = parse_recipe(flags).resolved(45_000, 10_000, True, "float32", "none")
    config = {**recipe.config(), **settings}
    versions = {"python": "3.12.1", "tensorflow": "2.21.0", "keras": "3.15.0"}
    metrics = {
        **{
            name: figures
            for name in (
                "clean",
                "corrupted",
                "clean_after_temperature",
                "corrupted_after_temperature",
            )
        },
        "environment": {"processor": "A Processor", "cores": 4, "precision": "float32", **versions},
        "timing": {"vae": 60.0, "classifier": 60.0 + 2 * seed},
    }
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "metrics.json").write_text(json.dumps(metrics))
    return folder


@pytest.fixture
def root(tmp_path):
    (tmp_path / "README.md").write_text(README)
    for method, seed, accuracy in (("varmixup", 0, 0.8), ("erm", 10, 0.5), ("erm", 9, 0.7)):
        add_run(tmp_path, method, seed, accuracy)
    return tmp_path


def test_round_trip(root, main):
    assert main(["--root", str(root), "--check"]) == 1
    assert (root / "README.md").read_text() == README
    assert main(["--root", str(root)]) == 0
    text = (root / "README.md").read_text()
    assert main(["--root", str(root), "--check"]) == 0
    assert main(["--root", str(root)]) == 0
    assert (root / "README.md").read_text() == text

    assert text.startswith("# A\n\n<!-- results:digits-quick:begin -->\n| Method | Seeds |")
    assert text.endswith("```\n<!-- results:digits-quick:end -->\n\nThe end.\n")
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert rows[1].startswith("| erm | 2 | 60.00 ± 14.14 |")
    assert rows[2].startswith("| varmixup | 1 | 80.00 |")
    # 120 + 2 * seed seconds: the mean over seeds 0, 9 and 10 is 132.67.
    assert "Seeds: erm 9, 10; varmixup 0. Time: 2 min 13 s per run on average." in text
    versions = "Python 3.12.1, TensorFlow 2.21.0, Keras 3.15.0"
    assert text.count(f"Hardware: A Processor, 4 cores, float32; {versions}.") == 1
    first, second = (
        f"python train.py --dataset digits --preset quick --method {method} --seed {seed}"
        for method, seed in (("erm", 9), ("varmixup", 0))
    )
    assert f"```sh\n{first}\n{second}\n```" in text


def test_a_changed_metric_makes_the_readme_stale(root, main):
    main(["--root", str(root)])
    path = root / "results" / "digits-quick-varmixup-0" / "metrics.json"
    path.write_text(path.read_text().replace("0.8", "0.81"))
    assert main(["--root", str(root), "--check"]) == 1


def test_presets_are_groups_of_their_own(root, main, capsys):
    add_run(root, "erm", 9, 0.99, preset="best")
    main(["--root", str(root)])
    assert "no page has a block for digits-best" in capsys.readouterr().err
    assert "99.00" not in (root / "README.md").read_text()
    with (root / "README.md").open("a") as file:
        file.write("<!-- results:digits-best:begin -->\n<!-- results:digits-best:end -->\n")
    main(["--root", str(root)])
    first, second = (root / "README.md").read_text().split("The end.")
    assert "| erm | 1 | 99.00 |" in second
    assert "99.00" not in first


def test_runs_of_a_study_are_a_group_of_their_own(root, main, capsys):
    moved = root / "results" / "study-small" / "digits-plain-seed7"
    moved.parent.mkdir()
    add_run(root, "erm", 7, 0.99).rename(moved)
    inner = moved / "evaluations" / "again"
    shutil.copytree(moved, inner)
    config = {"model": "gone/digits-plain-seed7", "model_kind": "run", "dataset": "digits"}
    (inner / "config.json").write_text(json.dumps(config))
    metrics = json.loads((inner / "metrics.json").read_text())
    metrics["clean"]["accuracy"] = 0.98
    (inner / "metrics.json").write_text(json.dumps(metrics))
    with (root / "README.md").open("a") as file:
        for name in ("study-small", "study-small-again"):
            file.write(f"<!-- results:{name}:begin -->\n<!-- results:{name}:end -->\n")
    main(["--root", str(root)])
    first, second = (root / "README.md").read_text().split("The end.")
    assert "| plain | 1 | 99.00 |" in second
    assert "| plain | 1 | 98.00 |" in second
    assert "99.00" not in first
    (inner / "config.json").write_text(json.dumps(config | {"model": "gone/another"}))
    with pytest.raises(SystemExit):
        main(["--root", str(root)])
    assert "Received: an evaluation of gone/another" in capsys.readouterr().err


def test_benchmarks_have_blocks_of_their_own(root, main):
    environment = {
        "processor": "A Processor",
        "cores": 4,
        "precision": "float32",
        "python": "3.12.1",
    }
    figures = [
        ("fog", 32, 1234.5, 100.0),
        ("fog", 64, 300.0, 40.0),
        ("snow", 32, 50.0, 25.0),
        ("snow", 64, 10.0, 4.0),
    ]
    rows = [
        dict(zip(("corruption", "size", "ours", "libraries"), row, strict=True))
        | {"ratio": row[2] / row[3]}
        for row in figures
    ]
    contents = {
        "corruptions": {"command": "python a.py", "rows": rows},
        "corruption_grid": {
            "command": "python b.py",
            "pictures": 10000,
            "seconds": 59.6,
            "memory_in_gigabytes": 1.234,
        },
        "training_step": {
            "command": "python c.py",
            "pytorch": "2.13.0",
            "rows": [
                {"network": "compact", "keras": 4000.0, "pytorch eager": 2000.0, "ratio": 2.0}
            ],
        },
        "main_job": {
            "command": "python d.py",
            "rows": [{"part": "input pipeline", "rate": 9999.6, "beside": "erm", "ratio": 0.012}],
        },
    }
    (root / "results" / "benchmarks").mkdir()
    for name, content in contents.items():
        (root / "results" / "benchmarks" / f"{name}.json").write_text(
            json.dumps(content | {"environment": environment})
        )
        with (root / "README.md").open("a") as file:
            file.write(
                f"<!-- results:benchmark-{name}:begin -->\n<!-- results:benchmark-{name}:end -->\n"
            )
    main(["--root", str(root)])
    text = (root / "README.md").read_text()
    sizes = "32: ours | libraries | ratio | 64: ours | libraries | ratio"
    assert f"| Images per second on one core | {sizes} |" in text
    assert "| fog | 1,234 | 100 | 12.3 | 300 | 40 | 7.5 |" in text
    assert "| snow | 50 | 25 | 2.0 | 10 | 4 | 2.5 |" in text
    assert "| compact | 4,000 | 2,000 | - | 2.00 |" in text
    assert "float32; Python 3.12.1, PyTorch 2.13.0." in text
    assert "| input pipeline | 10,000 | erm | 0.012 |" in text
    where = "(`python b.py`; A Processor, 4 cores, float32; Python 3.12.1)"
    assert f"All 95 cells of 10,000 images take 60 s and at most 1.23 GB {where}." in text


def block_of(root, main, name, content):
    """Return the lines of a page of one benchmark's block, filled."""
    folder, block = root / "results" / "benchmarks", f"benchmark-{name}"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(content))
    readme = root / "README.md"
    readme.write_text(f"<!-- results:{block}:begin -->\n<!-- results:{block}:end -->\n")
    assert main(["--root", str(root)]) == 0
    return readme.read_text().splitlines()


def test_a_summary_has_the_numbers_that_matter_most(root, main):
    readme = README.replace("digits-quick", "digits-quick-summary")
    (root / "README.md").write_text(readme)
    assert main(["--root", str(root)]) == 0
    text = (root / "README.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert rows[0].count("|") == 2 + 1 + 4
    assert rows[1].startswith("| erm | 2 | 60.00 ± 14.14 | 60.00 ± 14.14 | 5.00")
    assert "Mean ± standard deviation" in text
    assert "A Processor, 4 cores, float32" in text
    assert "python train.py" not in text


def test_a_marker_that_names_rows_keeps_these_alone_and_says_of_how_many(root, main, capsys):
    add_run(root, "mixup", 0, 0.75)
    begin = BEGIN.replace("quick:begin", "quick-summary:begin rows: erm; mixup")
    readme = README.replace(BEGIN, begin).replace(END, END.replace("quick", "quick-summary"))
    (root / "README.md").write_text(readme)
    assert main(["--root", str(root)]) == 0
    text = (root / "README.md").read_text()
    rows = [line.split(" | ")[0] for line in text.splitlines() if line.startswith("| ")]
    assert rows == ["| Method", "| erm", "| mixup"]
    assert "bold" not in text.lower()
    assert begin in text
    assert main(["--root", str(root), "--check"]) == 0
    assert capsys.readouterr().err == ""
    (root / "README.md").write_text(readme.replace("; mixup", "; mixedup"))
    with pytest.raises(SystemExit):
        main(["--root", str(root)])
    message = "Expected rows of README.md to be among erm; mixup; varmixup. Received: mixedup."
    assert message in capsys.readouterr().err


def test_differences_of_a_study_are_paired_by_seed_and_bold_where_they_exclude_0(root, main):
    accuracies = {"erm": (0.5, 0.6, 0.7), "mixup": (0.61, 0.7, 0.81), "cutmix": (0.4, 0.6, 0.75)}
    for method, values in accuracies.items():
        for seed, accuracy in enumerate(values):
            folder = add_run(root, method, seed, accuracy, "best")
            (root / "results" / "small").mkdir(exist_ok=True)
            folder.rename(root / "results" / "small" / f"digits-{method}-seed{seed}")
    block = "results:small-differences"
    rows = "mixup minus erm; erm minus mixup; cutmix minus erm"
    (root / "README.md").write_text(f"<!-- {block}:begin rows: {rows} -->\n<!-- {block}:end -->\n")
    assert main(["--root", str(root)]) == 0
    lines = (root / "README.md").read_text().splitlines()
    assert [line.split(" | ")[0][2:] for line in lines[3:6]] == rows.split("; ")
    # Student's quantile of two degrees of freedom is 4.303; the deviation of .11, .10 and .11 is
    # .00577, and 4.303 * .00577 / sqrt(3) = .0143.
    assert lines[3].split(" | ")[1:3] == ["3", "**+10.67**<br>[+9.23, +12.10]"]
    assert "**-10.67**<br>[-12.10, -9.23]" in lines[4]
    assert lines[5].split(" | ")[2] == "-1.67<br>[-20.64, +17.31]"
    assert lines[6] == f"<!-- {block}:end -->"


def test_costs_of_larger_images_are_a_row_for_each_size(root, main):
    of_network = {"classifier": "small", "multiplications": 22e6, "erm": 400.0, "varmixup": 320.0}
    row = {"side": 32, "batch": 128, "latents": "8 x 8 x 16", "multiplications": 1.4e9}
    of_network |= {"ratio": 1.25}
    row |= {"training": 1234.0, "passes": 3.21, "classifiers": [of_network]}
    both = [of_network, of_network | {"classifier": "large"}]
    content = {
        "command": "python benchmarks/image_sizes.py",
        "environment": {"processor": "A Processor", "cores": 4, "precision": "float32"},
        "rows": [row, row | {"side": 64, "classifiers": both}],
    }
    lines = block_of(root, main, "image_sizes", content)
    of_network = "22 | 400 | 320 | 1.25"
    numbers = f"8 x 8 x 16 | 1,400 | 1,234 | 3.21 | {of_network}"
    assert lines[3] == f"| 32 x 32 | {numbers} |  |  |  |  |"
    assert lines[4] == f"| 64 x 64 | {numbers} | {of_network} |"


def test_ways_of_serving_stand_beside_each_other(root, main):
    row = {"network": "small", "batch": 1, "way": "TensorFlow", "seconds": 0.004}
    row |= {"quartiles": [0.0035, 1.25], "rate": 250.0, "same_labels": 1.0}
    rows = [
        row,
        row | {"way": "LiteRT", "seconds": 0.001, "rate": 1000.4, "same_labels": 0.995},
        row | {"network": "large", "way": "LiteRT"},
    ]
    content = {
        "command": "python benchmarks/serving.py",
        "environment": {"processor": "A Processor", "cores": 4, "precision": "float32"},
        "runtimes": {"LiteRT": "2.3.0", "ONNX Runtime": "1.32.0"},
        "threads": 3,
        "load_before": 0.5,
        "rows": rows,
    }
    lines = block_of(root, main, "serving", content)
    assert lines[1] == "| Network | batch | TensorFlow: ms | images/s | LiteRT: ms | images/s |"
    numbers = "4.00 (3.50 to 1,250) | 250 | 1.00 (3.50 to 1,250) | 1,000"
    assert lines[3] == f"| small | 1 | {numbers} |"
    assert lines[4] == "| large | 1 |  |  | 4.00 (3.50 to 1,250) | 250 |"
    assert "at least 99.5% are those of TensorFlow" in lines[6]
    assert "3 threads each; A Processor, 4 cores" in lines[6]
    assert lines[6].endswith("LiteRT 2.3.0, ONNX Runtime 1.32.0.")
    for row in rows:
        row["same_labels"] = 1.0
    content |= {"load_before": 9.74, "rows": rows}
    lines = block_of(root, main, "serving", content)
    [facts] = [line for line in lines if "quartiles" in line]
    assert "the labels are the same" in facts
    assert facts.endswith("to be measured again: 9.7 processes wanted a core when it began.")


@pytest.mark.parametrize(
    ("readme", "message"),
    [
        (
            README.replace("digits", "letters"),
            "Expected blocks of README.md to be among digits-quick, digits-quick-summary. "
            "Received: letters-quick.",
        ),
        (
            README.replace("<!-- results:digits-quick:end -->", ""),
            "Expected results markers of README.md in pairs of begin and end. Received: <!-- res",
        ),
    ],
)
def test_blocks_that_cannot_be_filled_end_the_program(root, main, capsys, readme, message):
    (root / "README.md").write_text(readme)
    with pytest.raises(SystemExit) as exit_info:
        main(["--root", str(root)])
    assert exit_info.value.code == 2
    assert message in capsys.readouterr().err
    assert (root / "README.md").read_text() == readme


def test_a_run_without_metrics_ends_the_program(root, main, capsys):
    (root / "results" / "digits-quick-varmixup-0" / "metrics.json").unlink()
    with pytest.raises(SystemExit):
        main(["--root", str(root), "--check"])
    assert "which has a metrics.json. Received: " in capsys.readouterr().err


def test_any_page_of_the_documentation_is_filled_and_checked(root, main, capsys):
    page = root / "docs" / "methods" / "results.md"
    page.parent.mkdir(parents=True)
    main(["--root", str(root)])
    page.write_text(README.replace("# A", "# B"))
    assert main(["--root", str(root), "--check"]) == 1
    assert "docs/methods/results.md is stale" in capsys.readouterr().err.replace("\\", "/")
    assert page.read_text() == README.replace("# A", "# B")
    assert main(["--root", str(root)]) == 0
    assert "| erm | 2 | 60.00" in page.read_text()
    assert page.read_text() == (root / "README.md").read_text().replace("# A", "# B")
    assert main(["--root", str(root), "--check"]) == 0
    page.write_text("<!-- results:letters-quick:begin -->\n<!-- results:letters-quick:end -->\n")
    with pytest.raises(SystemExit):
        main(["--root", str(root), "--check"])
    assert "results.md to be among digits-quick" in capsys.readouterr().err


def test_a_block_that_only_the_documentation_has_is_found(root, main, capsys):
    (root / "docs").mkdir()
    (root / "README.md").rename(root / "docs" / "results.md")
    (root / "README.md").write_text("Nothing to fill.\n")
    assert main(["--root", str(root)]) == 0
    assert capsys.readouterr().err == ""
    assert (root / "README.md").read_text() == "Nothing to fill.\n"


@pytest.mark.parametrize(
    ("setting", "values"),
    [("learning_rate", (0.1, 0.4)), ("weight_decay", (0.0, 5e-3)), ("epochs", (2, 3))],
)
def test_runs_of_other_settings_are_not_in_one_table(root, main, capsys, setting, values):
    folders = [
        add_run(root, "varmixup", seed, 0.5, "best", **{setting: value})
        for seed, value in enumerate(values)
    ]
    with pytest.raises(SystemExit) as exit_info:
        main(["--root", str(root)])
    assert exit_info.value.code == 2
    message = capsys.readouterr().err
    assert "digits-best: Expected runs that can be compared." in message
    assert str(folders[1]) in message
    assert f"{setting} {values[1]} instead of {values[0]}" in message
    assert (root / "README.md").read_text() == README


@pytest.mark.parametrize(
    ("setting", "values"),
    [("alpha", (0.2, 1.0)), ("clean_share", (0.0, 0.5)), ("latents", ("mean", "sample"))],
)
def test_runs_of_other_parameters_have_rows_of_their_own(root, main, setting, values):
    page = README.replace("digits-quick", "digits-best")
    (root / "README.md").write_text(page)
    for seed, value in enumerate(values):
        add_run(root, "varmixup", seed, 0.5 + seed / 10, "best", **{setting: value})
    assert main(["--root", str(root)]) == 0
    rows = [line for line in (root / "README.md").read_text().splitlines() if line[:2] == "| "]
    words = [f"{value:g}" if isinstance(value, float) else value for value in values]
    name = setting.replace("_", " ")
    assert [row[: row.index("0.00 |")] for row in rows[1:]] == [
        f"| varmixup, {name} {word} | 1 | {5 + seed}" for seed, word in enumerate(words)
    ]


def test_differences_have_a_table_where_seeds_give_them_intervals(root, main):
    main(["--root", str(root)])
    assert "Differences to erm" not in (root / "README.md").read_text()
    # Paired by seeds 9 and 10, 0.2 and 0.4 above: 0.3 +- 12.706 * 0.1414 / sqrt(2) = 0.3 +- 1.2706.
    for seed, accuracy in ((9, 0.9), (10, 0.9)):
        add_run(root, "mixup", seed, accuracy)
    main(["--root", str(root)])
    text = (root / "README.md").read_text()
    assert "Differences to erm:\n\n| Method | Paired seeds | Accuracy, %<br>clean |" in text
    assert "| mixup | 2 | +30.00<br>[-97.06, +157.06] |" in text
    assert "| varmixup | \N{EN DASH} | +20.00 |" in text


def test_trials_have_a_row_for_each_program(root, main):
    for kind, failures in (("disk", 1), ("kills", 0)):
        rows = [{"kind": "a", "trials": 2, "failures": 0}]
        rows += [{"kind": "b", "trials": 3, "failures": failures}]
        content = {
            "command": f"python tools/kill_runs.py {kind} --count 5 --json kept.json",
            "environment": {"processor": "P", "cores": 2, "precision": "float32"},
            **{"trials": 5, "failures": failures, "rows": rows},
        }
        path = root / "results" / "benchmarks" / f"kill_runs_{kind}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content))
    name = "benchmark-kill_runs"
    page = root / "docs" / "trials.md"
    page.parent.mkdir(exist_ok=True)
    page.write_text(f"<!-- results:{name}:begin -->\n<!-- results:{name}:end -->\n")
    assert main(["--root", str(root)]) == 0
    lines = page.read_text().splitlines()
    assert lines[3] == "| `python tools/kill_runs.py kills --count 5` | 2 | 5 | 0 |"
    assert lines[4] == "| `python tools/kill_runs.py disk --count 5` | 2 | 5 | 1 |"
