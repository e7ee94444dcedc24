import base64
import html.parser
import os

import numpy as np
import pytest

from tf_varmixup.report import learning_curves, reconstructions, write_report

VOID = {"meta", "img"}


class Page(html.parser.HTMLParser):
    """Collects a page's text and images, and fails where tags do not match."""

    def __init__(self, path):
        super().__init__()
        self.open, self.text, self.images, self.addresses, self.tags = [], [], [], [], set()
        self.feed(path.read_text(encoding="utf-8"))
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.addresses += [value for name, value in attributes if name in ("src", "href")]
        if tag == "img":
            self.images.append(dict(attributes))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if data.strip():
            self.text.append(data.strip())


def section(accuracy, ece):
    return {
        "accuracy": accuracy,
        "nll": 0.31249,
        "brier": 0.1,
        "ece": ece,
        "signed_gap": -0.0321,
        "overconfidence_error": 0.005,
    }


METRICS = {
    "clean": section(0.9137, 0.0423),
    "corrupted": section(0.7051, 0.2),
    "clean_after_temperature": section(0.9137, 0.0111),
    "corrupted_after_temperature": section(0.7051, 0.1),
    "temperature": 1.4567,
    "vae": {"elbo": -1234.56, "kl": 45.67, "mse": 0.00456, "psnr": 23.456, "active_units": 97},
    "timing": {"vae": 75.0, "classifier": 3600.0},
    "environment": {"processor": "A Processor", "cores": 16},
}
CONFIG = {"command": "python train.py --dataset 'a & b'", "dataset": "a & b", "epochs": 30}
CELLS = [
    {
        "corruption": "gaussian_noise",
        "severity": 2,
        "accuracy": 0.8123,
        "error": 0.1877,
        "ece": 0.0317,
        "nll": 0.75,
    }
]


@pytest.fixture
def plots():
    black, white = np.zeros((1, 8, 8, 1)), np.full((1, 8, 8, 1), 255.0)
    return {
        "learning_curves": learning_curves({"loss": [2.0, 1.0]}),
        "reconstructions": reconstructions(black, white),
    }


def test_page_holds_every_plot_and_number(tmp_path, plots):
    path = write_report(
        tmp_path / "run", "A <b>title</b>", CONFIG, METRICS, CELLS, plots, ["Class <b> is empty."]
    )
    assert path == tmp_path / "run" / "report.html"
    page = Page(path)
    text = page.text
    start = text.index("Accuracy")
    assert text[start : start + 6] == [
        "Accuracy",
        "images classified correctly",
        "91.37 %",
        "70.51 %",
        "91.37 %",
        "70.51 %",
    ]
    assert text[text.index("Error") + 2 :][:4] == ["8.63 %", "29.49 %", "8.63 %", "29.49 %"]
    for title, value in (
        ("NLL", "0.3125"),
        ("Brier score", "0.1000"),
        ("Signed gap", "-3.21 %"),
        ("Overconfidence error", "0.50 %"),
    ):
        assert text[text.index(title) + 2] == value
    assert text[text.index("ECE") + 2 :][:4] == ["4.23 %", "20.00 %", "1.11 %", "10.00 %"]
    tiles = text[text.index("Accuracy, clean") : text.index("Classifier")]
    assert tiles[:3] == ["Accuracy, clean", "91.37 %", "error 8.63 %"]
    assert tiles[-3:] == ["ECE, corrupted", "20.00 %", "10.00 % after temperature scaling"]
    assert "Temperature 1.457, fitted on validation data." in text
    assert text[text.index("Variational autoencoder") + 1] == "ELBO, nats per image"
    assert text[text.index("Variational autoencoder") + 2 :][:9:2] == [
        "-1234.6",
        "45.7",
        "0.00456",
        "23.46",
        "97",
    ]
    assert text[text.index("Time") + 1 :][:6] == [
        "vae",
        "1 min 15 s",
        "classifier",
        "1 h 0 min",
        "all",
        "1 h 1 min",
    ]
    assert text[text.index("Command") + 1] == CONFIG["command"]
    assert text[text.index("Environment") + 1 :][:4] == ["processor", "A Processor", "cores", "16"]
    assert text[text.index("Settings") + 1 :][:4] == ["dataset", "a & b", "epochs", "30"]
    assert text[-6:] == ["gaussian noise", "2", "81.23 %", "18.77 %", "3.17 %", "0.7500"]
    for figure in plots.values():
        assert figure.get_label() in text


def test_images_are_embedded_and_nothing_is_fetched(tmp_path, plots):
    page = Page(write_report(tmp_path, "t", CONFIG, METRICS, CELLS, plots))
    assert [image["alt"] for image in page.images] == ["learning curves", "reconstructions"]
    for image, name in zip(page.images, plots, strict=True):
        png = base64.b64decode(image["src"].removeprefix("data:image/png;base64,"), validate=True)
        assert png.startswith(b"\x89PNG\r\n")
        assert png == (tmp_path / "figures" / f"{name}.png").read_bytes()
        # The file is at 150 dots an inch; width is at bytes 16 to 20 of a PNG.
        assert int.from_bytes(png[16:20], "big") == int(plots[name].get_figwidth() * 150 + 1e-6)
    assert all(address.startswith("data:") for address in page.addresses)
    assert not page.tags & {"script", "link", "iframe"}
    assert "url(" not in (tmp_path / "report.html").read_text()
    assert "@import" not in (tmp_path / "report.html").read_text()


def test_what_the_user_wrote_is_escaped(tmp_path):
    path = write_report(
        tmp_path,
        "A <b>title</b>",
        CONFIG,
        METRICS,
        [],
        {},
        ["Class <script>alert(1)</script> is empty."],
    )
    page = Page(path)
    assert not page.tags & {"b", "script"}
    assert "A <b>title</b>" in page.text
    assert "Class <script>alert(1)</script> is empty." in page.text


def test_a_run_with_clean_metrics_only(tmp_path):
    page = Page(
        write_report(tmp_path, "t", {"dataset": "digits"}, {"clean": section(0.5, 0.1)}, [], {})
    )
    assert not {
        "Variational autoencoder",
        "Time",
        "Command",
        "Corruption grid",
        "Notes",
        "corrupted",
    } & set(page.text)
    assert "50.00 %" in page.text


def test_a_failure_leaves_the_old_page(tmp_path, monkeypatch):
    write_report(tmp_path, "old", CONFIG, METRICS, CELLS, {})
    old = (tmp_path / "report.html").read_bytes()

    def no_replace(source, target):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", no_replace)
    with pytest.raises(OSError, match="disk full"):
        write_report(tmp_path, "new", CONFIG, METRICS, CELLS, {})
    assert (tmp_path / "report.html").read_bytes() == old


def test_no_partial_file_stays(tmp_path, plots):
    write_report(tmp_path, "t", CONFIG, METRICS, CELLS, plots)
    assert sorted(path.name for path in tmp_path.rglob("*")) == [
        "figures",
        "learning_curves.png",
        "reconstructions.png",
        "report.html",
    ]


@pytest.mark.parametrize("name", ["../escape", "a/b", ""])
def test_a_name_that_is_no_file_name_is_refused(tmp_path, plots, name):
    with pytest.raises(ValueError, match="Expected a plot's name made of"):
        write_report(tmp_path, "t", CONFIG, METRICS, CELLS, {name: plots["reconstructions"]})


def test_any_section_is_shown_and_facts_and_lists_are_not(tmp_path):
    metrics = {
        "ood.fashion_mnist": {"auroc": 0.875, "steps": 20},
        "adversarial.pgd": {"accuracy": 0.125, "accuracies": [0.1, 0.2]},
        "clean": {**section(0.5, 0.1), "nll": None, "top_5": 0.75},
        "local.linearity": {"mean_distance": 1.5},
        "history": [1, 2, 3],
        "vae": {"mse": None, "depth": 4},
    }
    text = Page(write_report(tmp_path, "t", {}, metrics, [], {})).text
    start = text.index("Out-of-distribution detection")
    assert text[start : start + 6] == [
        "Out-of-distribution detection",
        "fashion mnist",
        "Auroc",
        "0.8750",
        "Steps",
        "20",
    ]
    start = text.index("Adversarial robustness")
    assert text[start + 1 : start + 5] == [
        "pgd",
        "Accuracy",
        "images classified correctly",
        "12.50 %",
    ]
    assert text[text.index("Local") + 1 :][:3] == ["linearity", "Mean distance", "1.5000"]
    assert text[text.index("NLL") + 2] == "\N{EN DASH}"
    assert text[text.index("Top 5") + 1] == "0.7500"
    assert text[text.index("depth") + 1] == "4"
    assert text.index("Classifier") < start
    assert not {"history", "accuracies", "Accuracies"} & set(text)


def test_a_run_of_another_kind_without_clean_images(tmp_path):
    page = Page(write_report(tmp_path, "t", {}, {"ood.svhn": {"auroc": 0.5}}, [], {}))
    assert "0.5000" in page.text
    assert "Classifier" not in page.text


def test_the_grid_has_the_columns_of_its_cells(tmp_path):
    cells = [{"corruption": "fog", "severity": 1, "ece": 0.05, "entropy": 1.25}]
    text = Page(write_report(tmp_path, "t", {}, {}, cells, {})).text
    assert text[-8:] == ["corruption", "severity", "ECE", "Entropy", "fog", "1", "5.00 %", "1.2500"]


def test_the_former_name_of_an_argument_works(tmp_path, plots):
    with pytest.warns(DeprecationWarning, match="figures is called plots now"):
        write_report(tmp_path, "t", {}, {}, [], figures=plots)
    assert (tmp_path / "figures" / "reconstructions.png").exists()
