import base64
import html.parser
import os

import numpy as np
import pytest

from tf_varmixup.report import learning_curves, reconstructions, write_report

VOID = {"meta", "img"}


class Page(html.parser.HTMLParser):
    """Collects a page's text and pictures, and fails where tags do not match."""

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
def figures():
    black, white = np.zeros((1, 8, 8, 1)), np.ones((1, 8, 8, 1))
    return {
        "learning_curves": learning_curves({"loss": [2.0, 1.0]}),
        "reconstructions": reconstructions(black, white),
    }


def test_page_holds_every_figure_and_number(tmp_path, figures):
    path = write_report(
        tmp_path / "run", "A <b>title</b>", CONFIG, METRICS, CELLS, figures, ["Class <b> is empty."]
    )
    assert path == tmp_path / "run" / "report.html"
    page = Page(path)
    text = page.text
    start = text.index("Accuracy")
    assert text[start : start + 6] == [
        "Accuracy",
        "pictures classified correctly",
        "91.37 %",
        "70.51 %",
        "91.37 %",
        "70.51 %",
    ]
    assert text[text.index("Error") + 2 :][:4] == ["8.63 %", "29.49 %", "8.63 %", "29.49 %"]
    assert (
        text[text.index("NLL") + 2] == "0.3125" and text[text.index("Brier score") + 2] == "0.1000"
    )
    assert text[text.index("ECE") + 2 :][:4] == ["4.23 %", "20.00 %", "1.11 %", "10.00 %"]
    assert (
        text[text.index("Signed gap") + 2] == "-3.21 %" and text[text.index("OE") + 2] == "0.50 %"
    )
    assert "Temperature 1.457, fitted on validation data." in text
    assert text[text.index("Variational autoencoder") + 1] == "ELBO, nats a picture"
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
    for figure in figures.values():
        assert figure.get_label() in text


def test_pictures_are_embedded_and_nothing_is_fetched(tmp_path, figures):
    page = Page(write_report(tmp_path, "t", CONFIG, METRICS, CELLS, figures))
    assert [image["alt"] for image in page.images] == ["learning curves", "reconstructions"]
    for image, name in zip(page.images, figures, strict=True):
        png = base64.b64decode(image["src"].removeprefix("data:image/png;base64,"), validate=True)
        assert (
            png.startswith(b"\x89PNG\r\n")
            and png == (tmp_path / "figures" / f"{name}.png").read_bytes()
        )
        # The file is at 150 dots an inch; width is at bytes 16 to 20 of a PNG.
        assert int.from_bytes(png[16:20], "big") == int(figures[name].get_figwidth() * 150 + 1e-6)
    assert all(address.startswith("data:") for address in page.addresses)
    assert not page.tags & {"script", "link", "iframe"}
    assert (
        "url(" not in (tmp_path / "report.html").read_text()
        and "@import" not in (tmp_path / "report.html").read_text()
    )


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
    assert (
        "A <b>title</b>" in page.text and "Class <script>alert(1)</script> is empty." in page.text
    )


def test_a_run_with_clean_figures_only(tmp_path):
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


def test_no_partial_file_stays(tmp_path, figures):
    write_report(tmp_path, "t", CONFIG, METRICS, CELLS, figures)
    assert sorted(path.name for path in tmp_path.rglob("*")) == [
        "figures",
        "learning_curves.png",
        "reconstructions.png",
        "report.html",
    ]


@pytest.mark.parametrize("name", ["../escape", "a/b", ""])
def test_a_name_that_is_no_file_name_is_refused(tmp_path, figures, name):
    with pytest.raises(ValueError, match="figure's name must be made of"):
        write_report(tmp_path, "t", CONFIG, METRICS, CELLS, {name: figures["reconstructions"]})
