import html.parser
import os
import re

import numpy as np
import pytest

from tf_varmixup.report import Baseline, learning_curves, reconstructions, write_report
from tf_varmixup.report.style import STYLE

VOID = {"meta", "img"}


class Page(html.parser.HTMLParser):
    """Collects a page's text and images, and fails where tags do not match."""

    def __init__(self, path):
        super().__init__()
        self.open, self.text, self.images, self.addresses, self.tags = [], [], [], [], set()
        self.ids = []
        self.feed(path.read_text(encoding="utf-8"))
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.addresses += [value for name, value in attributes if name in ("src", "href")]
        if dict(attributes).get("role") == "img":
            self.images.append(dict(attributes))
        self.ids += [value for name, value in attributes if name == "id"]
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
        ("Signed gap", "\N{MINUS SIGN}3.21 %"),
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


def test_plots_are_embedded_and_nothing_is_fetched(tmp_path, plots):
    page = Page(write_report(tmp_path, "t", CONFIG, METRICS, CELLS, plots))
    assert [image["aria-label"] for image in page.images] == [
        "learning curves: Loss",
        "reconstructions: 2 images",
    ]
    for name, figure in plots.items():
        png = (tmp_path / "figures" / f"{name}.png").read_bytes()
        # The file is at 150 dots an inch; width is at bytes 16 to 20 of a PNG.
        assert int.from_bytes(png[16:20], "big") == int(figure.get_figwidth() * 150 + 1e-6)
    assert all(address.startswith(("data:", "#")) for address in page.addresses)
    assert {address[1:] for address in page.addresses if address[0] == "#"} <= set(page.ids)
    assert sum(address.startswith("data:image/png") for address in page.addresses) == 2
    assert not page.tags & {"script", "link", "iframe", "img"}
    text = (tmp_path / "report.html").read_text()
    assert set(re.findall(r"url\((.)", text)) == {"#"}
    assert "@import" not in text
    assert "font-family" not in text  # letters of plots are drawn, not looked for


def test_no_two_elements_share_an_id(tmp_path, plots):
    plots["again"] = plots["learning_curves"]
    ids = Page(write_report(tmp_path, "t", CONFIG, METRICS, CELLS, plots)).ids
    assert len(ids) > 10
    assert len(ids) == len(set(ids))


def test_the_plots_colors_are_the_pages_in_light_and_in_dark(tmp_path, plots):
    text = write_report(tmp_path, "t", CONFIG, METRICS, CELLS, plots).read_text()
    light, dark, paper = re.findall(r":root \{(.*?)\}", text, re.DOTALL)
    used = set(re.findall(r"var\((--[\w-]+)\)", text))
    assert {"--ink", "--muted", "--rule"} <= used
    for theme in (light, dark, paper):
        assert used <= set(re.findall(r"(--[\w-]+):", theme))
    drawn = text[text.index("<svg") :]
    assert not re.findall(rf"(?i){STYLE['text.color']}", drawn)


def test_intervals_and_differences_to_a_baseline_stand_below_the_numbers(tmp_path):
    metrics = {
        "clean": {"accuracy": 0.75, "nll": 0.5, "brier": None},
        "intervals": {
            "clean": {"accuracy": [0.7, 0.8], "nll": [0.45, 0.55], "brier": [None, None]}
        },
    }
    other = {"clean": {"accuracy": 0.8, "nll": 0.25}}
    baseline = Baseline("<erm>", other, intervals={"clean": {"accuracy": [-0.09, 0.01]}})
    path = write_report(tmp_path, "t", {}, metrics, [], {}, baseline=baseline)
    text = Page(path).text
    below = "\N{MINUS SIGN}5.00 points, \N{MINUS SIGN}9.00 to +1.00 points"
    start = text.index("Accuracy, clean")
    assert text[start + 1 : start + 3] == ["75.00 %", "70.00 to 80.00 %"]
    assert text[start + 3] == f"{below} against <erm>"
    assert "Lines with a sign before the number are differences to <erm>." in text
    start = text.index("images classified correctly")
    assert text[start + 1 : start + 4] == ["75.00 %", "70.00 to 80.00 %", below]
    # What is 1 minus another has the other's interval, turned over.
    start = text.index("images classified wrongly")
    assert text[start + 1 : start + 4] == [
        "25.00 %",
        "20.00 to 30.00 %",
        "+5.00 points, \N{MINUS SIGN}1.00 to +9.00 points",
    ]
    start = text.index("NLL") + 2
    assert text[start : start + 3] == ["0.5000", "0.4500 to 0.5500", "+0.2500"]
    assert text[text.index("Brier score") + 2] == "\N{EN DASH}"
    assert "erm" not in Page(write_report(tmp_path, "t", {}, metrics, [], {})).text


def test_a_baseline_is_that_of_the_same_corruptions(tmp_path):
    def cell(corruption, severity, accuracy):
        return {"corruption": corruption, "severity": severity, "accuracy": accuracy}

    metrics = {"corrupted": {"accuracy": 0.5}, "corrupted_after_temperature": {"accuracy": 0.5}}
    theirs = [cell("fog", 1, 0.75), cell("fog", 2, 0.25), cell("spatter", 1, 0.0)]
    baseline = Baseline("erm", {**metrics, "clean": {"accuracy": 0.9}}, theirs)
    for rows, found in (
        ([cell("fog", 2, 0.5)], {"accuracy": 0.25}),
        ([cell("fog", 1, 0.5), cell("fog", 2, 0.5)], {"accuracy": 0.5}),
        (
            [cell("fog", 2, 0.5), cell("spatter", 1, 0.5)],
            {"accuracy": 0.25},
        ),  # not of the benchmark
        ([cell("fog", 1, 0.5), cell("snow", 2, 0.5)], None),
    ):
        same = baseline.on_cells(rows)
        assert same.metrics.get("corrupted") == found
        assert same.metrics["clean"] == {"accuracy": 0.9}
        page = Page(write_report(tmp_path, "t", {}, metrics, rows, {}, baseline=baseline)).text
        start = page.index("Accuracy, corrupted")
        below = None if found is None else 100 * (0.5 - found["accuracy"])
        assert page[start + 2] == (
            "error 50.00 %" if below is None else f"+{below:.2f} points against erm"
        )


def test_a_section_with_metrics_of_its_own_has_a_table_of_its_own(tmp_path):
    metrics = {"clean": {"accuracy": 0.5}, "local_linearity": {"largest": 0.25}}
    text = Page(write_report(tmp_path, "t", {}, metrics, [], {})).text
    start = text.index("Local linearity of the loss")
    assert text[start + 1 : start + 4] == ["value", "Largest", "0.2500"]


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
