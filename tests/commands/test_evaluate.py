"""`python -m tf_varmixup.evaluate`: any classifier measured, and what is wrong said in one line."""

import dataclasses
import json
import pathlib

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from models import VariationalAutoencoder
from tf_varmixup import data, report
from tf_varmixup.commands import evaluate, evaluate_flags
from tf_varmixup.corruptions import cell
from tf_varmixup.evaluation import MixupInference
from tf_varmixup.evaluation import evaluation as measured
from tf_varmixup.run import images_digest

SHAPE = (8, 8, 1)
FILES = {"config.json", "metrics.json", "corruptions.csv", "report.html", "figures"}
FEW = ["--corruptions", "fog", "contrast", "--corruption_images", "20"]
CLEAN = ["--corruptions", "none"]


@pytest.fixture(scope="module")
def digits():
    return data.load_data("digits")


@pytest.fixture(autouse=True)
def quick(monkeypatch, digits):
    """What takes time elsewhere tested: corruptions, intervals, plots, and reading the digits."""
    load = data.load_data

    def load_once(name, *rest):
        return digits if (name, *rest) == ("digits", None, None) else load(name, *rest)

    def darken(images, corruption, severity, seed, indices):
        return images // tf.constant(1 + severity, tf.uint8)

    monkeypatch.setattr(data, "load_data", load_once)
    monkeypatch.setattr(cell, "corrupt", darken)
    monkeypatch.setattr(measured, "classification_intervals", lambda *rest: {})
    monkeypatch.setattr(measured, "mean_intervals", lambda *rest: {})
    monkeypatch.setattr(report, "run_plots", lambda *rest, **options: {})


@pytest.fixture(scope="module")
def model(tmp_path_factory, digits):
    """A classifier that nobody here made: it takes 0..255 and ends in a softmax."""
    keras.utils.set_random_seed(0)
    network = [layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(10, activation="softmax")]
    network = keras.Sequential([keras.Input(SHAPE), *network])
    network.compile(keras.optimizers.Adam(0.05), "sparse_categorical_crossentropy")
    network.fit(digits.train.images, digits.train.labels, 500, epochs=5, verbose=0)
    path = tmp_path_factory.mktemp("model") / "mine.keras"
    network.save(path)
    return path


def run(*arguments):
    evaluate.main([str(argument) for argument in arguments])


def refused(capsys, *arguments, status=2):
    with pytest.raises(SystemExit) as stopped:
        run(*arguments)
    line = capsys.readouterr().err
    assert stopped.value.code == status, line
    assert line.count("\n") == 1, line
    return line


def metrics_in(folder):
    return json.loads((folder / "metrics.json").read_text())


def test_a_model_is_measured_and_what_was_found_of_it_said(model, digits, tmp_path, capsys):
    baseline = tmp_path / "baseline.csv"
    cells = [f"{name},{level},1.0" for name in ("fog", "contrast") for level in range(1, 6)]
    baseline.write_text("\n".join(["corruption,severity,error", "clean,,0.5", *cells]))
    output = tmp_path / "measured"
    attack = ["--attack", "pgd", "--attack_steps", 2, "--attack_images", 30, "--local_linearity"]
    attack += ["--attack_radius", "4/255", "--interpolation"]
    options = [*FEW, "--baseline", baseline, "--ood", "digits", *attack]
    run(model, "--dataset", "digits", "--output", output, *options)
    printed = " ".join(capsys.readouterr().out.split())
    assert "takes images in 0..255 (its own layers take 0 to 0 and 255 to 1)" in printed
    assert "returns probabilities (every row of its outputs is nonnegative" in printed
    assert {path.name for path in output.iterdir()} == FILES

    metrics, config = metrics_in(output), json.loads((output / "config.json").read_text())
    assert config["ood_digest"] == images_digest(digits.test)
    network = keras.saving.load_model(model)
    right = network.predict(digits.test.images, verbose=0).argmax(1) == digits.test.labels
    assert metrics["clean"]["accuracy"] == pytest.approx(right.mean())
    assert metrics["corrupted"]["mce"] == pytest.approx(1.0 - metrics["corrupted"]["accuracy"])
    assert "relative_mce" in metrics["corrupted"]
    assert metrics["corruptions"]["pictures"] == 20
    assert metrics["clean_after_temperature"]["nll"] != metrics["clean"]["nll"]
    assert metrics["ood.digits"]["auroc_max_probability"] == 0.5
    assert metrics["adversarial.pgd"]["radius"] == pytest.approx(4 / 255)
    assert metrics["adversarial.pgd"]["clean_accuracy"] == pytest.approx(right[:30].mean())
    assert metrics["adversarial.pgd"]["accuracy"] <= metrics["adversarial.pgd"]["clean_accuracy"]
    assert metrics["local_linearity.clean"]["linearity_error"] > 0.0
    assert "local_linearity.clean_after_temperature" in metrics["intervals"]
    smoothness = metrics["interpolation.pixels"]
    assert (smoothness["pairs"], smoothness["points"]) == (len(right), 9)
    assert smoothness["total_variation"] > smoothness["excess_variation"] >= 0.0
    assert "interpolation.latents" not in metrics
    assert (config["model_kind"], config["from_logits"]) == (".keras file", False)
    assert (config["value_range"], config["seed"], config["batch_size"]) == ([0, 255], 0, 500)
    assert config["corruptions"] == ["fog", "contrast"]

    line = refused(capsys, model, "--dataset", "digits", "--output", output, *options)
    assert "finished run, which is not overwritten" in line
    assert "run_dir" not in line


def test_a_cell_once_measured_is_not_measured_again(model, digits, tmp_path, capsys, monkeypatch):
    output = tmp_path / "measured"
    arguments = [model, "--dataset", "digits", "--output", output, *FEW, "--attack", "fgsm"]
    arguments += ["--attack_images", "20"]
    seen = []

    def interrupt(*rest, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(report, "write_report", interrupt)
        assert "the same command goes on" in refused(capsys, *arguments, status=130)
    assert not (output / "metrics.json").exists()
    kept = [path.name for path in (output / "checkpoints").iterdir()]
    assert "grid" in kept
    assert any(name.startswith("adversarial.") and name.endswith(".fgsm.npz") for name in kept)

    # Another model, other settings and another dataset are refused rather than mixed in.
    assert "Expected seed 0" in refused(capsys, *arguments, "--seed", "1")
    other = tmp_path / model.name
    network = keras.saving.load_model(model)
    network.layers[-1].bias.assign(np.ones(10))
    network.save(other)
    with monkeypatch.context() as patch:
        patch.chdir(tmp_path)
        assert "Expected model" in refused(capsys, other.name, *arguments[1:])
    changed = dataclasses.replace(
        digits, test=data.Split(255 - digits.test.images, digits.test.labels)
    )
    with monkeypatch.context() as patch:
        patch.setattr(data, "load_data", lambda *rest: changed)
        assert "to hold what it held when the run" in refused(capsys, *arguments)

    monkeypatch.setattr(cell, "corrupt", lambda *rest: seen.append(rest))
    monkeypatch.setattr("tf_varmixup.evaluation.measure_adversarial", interrupt)
    run(*arguments)
    assert not seen
    assert {path.name for path in output.iterdir()} == FILES


def by_rescaling():
    return keras.Sequential(
        [keras.Input(SHAPE), layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(10)]
    )


def test_what_a_model_does_not_tell_is_asked_for(tmp_path, capsys):
    plain = keras.Sequential([keras.Input(SHAPE), layers.Flatten(), layers.Dense(10)])
    plain.save(tmp_path / "plain.keras")
    arguments = [tmp_path / "plain.keras", "--dataset", "digits", *CLEAN]
    line = refused(capsys, *arguments, "--output", tmp_path / "new")
    assert "Expected --value_range 0,255 or 0,1 or -1,1" in line
    assert "% as 0,255" in line
    assert "% as -1,1 right" in line
    assert not (tmp_path / "new").exists()
    line = refused(
        capsys, *arguments, "--value_range", "0,1", "--no-from_logits", "--output", tmp_path / "new"
    )
    assert "Expected --from_logits=True, since the rows of its outputs do not sum to 1" in line
    run(*arguments, "--value_range", "-1,1", "--output", tmp_path / "new")
    found = plain(digits_in(-1.0, 1.0)).numpy()
    right = found.argmax(1) == data.load_data("digits", None, None).test.labels
    assert metrics_in(tmp_path / "new")["clean"]["accuracy"] == pytest.approx(right.mean())


def digits_in(low, high):
    images = data.load_data("digits", None, None).test.images / np.float32(255)
    return low + (high - low) * images


def test_a_folder_is_resized_to_what_the_model_takes(tmp_path, capsys):
    from PIL import Image

    for number in range(12):
        file = tmp_path / "images" / ("cat", "dog")[number % 2] / f"{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (20, 14), (20 * number, 0, 0)).save(file)
    images = keras.Input((40, 40, 3))
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(2, 3)(layers.Rescaling(1 / 255)(images)))
    keras.Model(images, layers.Softmax()(x)).save(tmp_path / "m.keras")
    arguments = [tmp_path / "m.keras", "--dataset", tmp_path / "images"]
    run(*arguments, *CLEAN, "--output", tmp_path / "out")
    assert json.loads((tmp_path / "out" / "config.json").read_text())["image_shape"] == [40, 40, 3]


def test_bad_input_is_refused_before_anything_is_written(model, tmp_path, capsys):
    output = tmp_path / "new"
    (tmp_path / "file").write_text("x")
    usual = [model, "--dataset", "digits", "--output", output]
    for words, arguments in {
        "required: --output": [model],
        "Expected --dataset NAME with": [model, "--output", output],
        "does not exist": ["nowhere", *usual[1:]],
        "Did you mean '--corruptions'": [*usual, "--corruption", "fog"],
        "received fog none": [*usual, "--corruptions", "fog", "none"],
        "--attack_steps: without an effect": [*usual, "--attack", "fgsm", "--attack_steps", 3],
        "--baseline: without an effect": [*usual, *CLEAN, "--baseline", "x"],
        "received '0,2'": [*usual, "--value_range", "0,2"],
        "is a file": [*usual[:-1], tmp_path / "file"],
        "Expected a run or a CSV file": [*usual, "--baseline", "nowhere"],
        "Did you mean 'fashion_mnist'": [*usual, "--ood", "fashion_mnis"],
        "Resize them: --image_size 8": [*usual, "--image_size", 16],
    }.items():
        assert words in refused(capsys, *arguments)
    assert not output.exists()


def test_a_run_is_measured_as_after_its_training(tmp_path, digits, capsys):
    """See test_train.py, too, for a run that was trained."""
    from tf_varmixup import VicinalClassifier

    run_folder = tmp_path / "run"
    run_folder.mkdir()
    settings = {"dataset": "digits", "method": "erm", "seed": 3, "corruption_pictures": 10}
    (run_folder / "config.json").write_text(json.dumps(settings))
    VicinalClassifier(by_rescaling()).save(run_folder / "classifier.keras")
    assert "left out for a run" in refused(
        capsys, run_folder, "--from_logits", *CLEAN, "--output", tmp_path / "out"
    )
    other = tmp_path / "other"
    other.mkdir()
    (other / "config.json").write_text(json.dumps({"dataset": "cifar10"}))
    cells = [f"contrast,{severity},0.5" for severity in range(1, 6)]
    (other / "corruptions.csv").write_text("\n".join(["corruption,severity,error", *cells]))
    baseline = ["--corruptions", "contrast", "--baseline", other]
    line = refused(capsys, run_folder, *baseline, "--output", tmp_path / "out")
    assert "Expected a baseline on 'digits'" in line
    run(run_folder, "--output", tmp_path / "out", "--corruptions", "contrast")
    config = json.loads((tmp_path / "out" / "config.json").read_text())
    assert (config["dataset"], config["seed"], config["corruption_images"]) == ("digits", 3, 10)
    assert "it is a model of this library" in " ".join(capsys.readouterr().out.split())


def test_attacks_need_a_gradient(tmp_path, capsys, monkeypatch):
    (tmp_path / "by_numpy.py").write_text(
        "import numpy as np\n"
        "def predict(images, indices):\n"
        "    return np.asarray(images).reshape(len(images), -1)[:, :10].astype('float32')\n"
    )
    monkeypatch.chdir(tmp_path)
    arguments = ["by_numpy:predict", "--dataset", "digits", *CLEAN]
    line = refused(capsys, *arguments, "--attack", "fgsm", "--output", "attacked")
    assert "can differentiate by its images" in line
    run(*arguments, "--output", "clean")
    assert json.loads(pathlib.Path("clean/config.json").read_text())["model_kind"] == "function"


def test_lines_go_through_the_latents_of_an_autoencoder_too(tmp_path, capsys, monkeypatch):
    (tmp_path / "by_numpy.py").write_text(
        "import numpy as np\n"
        "def predict(images, indices):\n"
        "    return np.asarray(images).reshape(len(images), -1)[:, :10].astype('float32')\n"
    )
    monkeypatch.chdir(tmp_path)
    VariationalAutoencoder(SHAPE, width=4, blocks=1, latent_size=2).save("vae.keras")
    VariationalAutoencoder((8, 8, 3), width=4, blocks=1, latent_size=2).save("color.keras")
    arguments = ["by_numpy:predict", "--dataset", "digits", *CLEAN, "--output", "out"]
    vae = ["--vae", "vae.keras"]
    assert "--vae: without an effect" in refused(capsys, *arguments, *vae)
    wrong = refused(capsys, *arguments, "--interpolation", "--vae", "color.keras")
    assert "Expected vae to be an autoencoder of images (8, 8, 1)" in wrong
    run(*arguments, "--interpolation", *vae)
    metrics = metrics_in(pathlib.Path("out"))
    names = {name for name in metrics if name.startswith("interpolation")}
    kinds = {"interpolation.pixels", "interpolation.latents"}
    assert names == kinds | {f"{kind}_after_temperature" for kind in kinds}
    # Lines through latents begin and end at reconstructions, and have lengths of their own.
    lengths = {metrics[name]["total_variation"] for name in names}
    assert len(lengths) == 4
    config = json.loads(pathlib.Path("out/config.json").read_text())
    assert len(config["vae_digest"]) == 64
    assert config["shared_vae_digest"] == config["vae_digest"]  # it is no run's own


def test_a_classifier_is_measured_under_mixup_inference(model, digits, tmp_path, capsys):
    output = tmp_path / "measured"
    arguments = [model, "--dataset", "digits", *CLEAN, "--mixup_inference", "predicted"]
    assert "not together with" in refused(capsys, *arguments, "--output", output, "--attack", "pgd")
    run(*arguments, "--output", output)
    assert json.loads((output / "config.json").read_text())["mixup_inference"] == "predicted"
    network = keras.saving.load_model(model)
    mixed = MixupInference(network, digits.train, "predicted", from_logits=False)
    logits = mixed(digits.test.images, np.arange(len(digits.test))).numpy()
    accuracy = np.mean(logits.argmax(1) == digits.test.labels)
    assert metrics_in(output)["clean"]["accuracy"] == pytest.approx(accuracy)


def test_a_function_that_is_not_what_it_was_is_not_gone_on_with(tmp_path, capsys, monkeypatch):
    (tmp_path / "by_file.py").write_text(
        "import numpy as np\n"
        "def predict(images, indices):\n"
        "    return np.asarray(images).reshape(len(images), -1) @ np.load('weights.npy')\n"
        "def unsure(images, indices):\n"
        "    return 1 / (1 + np.exp(-predict(images, indices)))\n"
        "def partly(images, indices):\n"
        "    few = np.asarray(indices) > 350\n"
        "    return np.where(few[:, None], np.nan, predict(images, indices))\n"
        "def broken(images, indices):\n"
        "    raise RuntimeError('out of order')\n"
    )
    monkeypatch.chdir(tmp_path)
    weights = np.random.default_rng(0).normal(size=(64, 10)).astype("float32") / 100
    np.save("weights.npy", weights)
    arguments = ["--dataset", "digits", *CLEAN, "--output", "out"]
    assert "say --from_logits" in refused(capsys, "by_file:unsure", *arguments)
    assert "RuntimeError: out of order" in refused(capsys, "by_file:broken", *arguments)
    plain = [*arguments[:-1], "other", "--no-temperature"]
    line = refused(capsys, "by_file:partly", *plain, status=1)
    assert "Received: NaN for 8 of 359 test images" in line

    def interrupt(*rest, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(report, "write_report", interrupt)
        refused(capsys, "by_file:predict", *arguments, status=130)
    np.save("weights.npy", -weights)
    assert "Expected logits_digest" in refused(capsys, "by_file:predict", *arguments)
    np.save("weights.npy", weights)
    run("by_file:predict", *arguments)


def test_flags_get_their_defaults_where_they_have_an_effect():
    options = evaluate_flags.parse_evaluation("evaluate", ["m", "--output", "o"])
    assert len(options.corruptions) == 15
    assert (options.attack, options.attack_radius, options.attack_images) == (None, None, None)
    given = ["m", "--output", "o", "--attack", "pgd", "--attack_norm", "l2", "--corruptions", "all"]
    options = evaluate_flags.parse_evaluation("evaluate", given)
    assert len(options.corruptions) == 19
    assert (options.attack_radius, options.attack_steps, options.attack_images) == (0.5, 20, 1000)
