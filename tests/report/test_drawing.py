import base64
import io
import re
from xml.etree import ElementTree

import numpy as np
import PIL.Image
from matplotlib.figure import Figure

from tf_varmixup.report import corruption_heatmap, learning_curves, reconstructions
from tf_varmixup.report.drawing import alternative_text, drawing
from tf_varmixup.report.panels import panels

SVG = "{http://www.w3.org/2000/svg}"


def parse(figure, name="plot"):
    text = drawing(figure, name, "words")
    text = text.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ')
    return ElementTree.fromstring(text)


def embedded(element):
    addresses = [image.get("href") for image in element.iter(f"{SVG}image")]
    for address in addresses:
        data = base64.b64decode(address.partition(",")[2])
        yield address[: address.index(";")], np.asarray(PIL.Image.open(io.BytesIO(data)))


def test_every_panel_shows_its_part_of_one_drawing():
    figure = learning_curves({"loss": [2.0, 1.0], "accuracy": [0.1, 0.2]})
    first, second = parse(figure)
    boxes = [[float(edge) for edge in part.get("viewBox").split()] for part in (first, second)]
    np.testing.assert_allclose(boxes, 72 * np.array(panels(figure)), atol=0.01)
    assert first[0].get("id") == "plot"
    assert second[0].get("href") == "#plot"
    assert len(list(first.iter())) > 20 > len(list(second.iter()))


def test_small_images_are_kept_to_the_last_bit():
    images = np.random.default_rng(0).integers(0, 256, (1, 32, 32, 3), dtype=np.uint8)
    found = list(embedded(parse(reconstructions(images, images))))
    assert [kind for kind, _ in found] == ["data:image/png"] * 2
    for _, pixels in found:
        # SVG counts from above or from below, as its transformation says.
        rows = pixels[..., :3]
        assert (rows == images[0]).all() or (rows[::-1] == images[0]).all()


def test_large_images_are_small_files():
    noise = np.random.default_rng(0).integers(0, 256, (1, 300, 300, 3), dtype=np.uint8)
    found = list(embedded(parse(reconstructions(noise, noise))))
    assert [(kind, pixels.shape) for kind, pixels in found] == [
        ("data:image/jpeg", (160, 160, 3))
    ] * 2


def test_numbers_in_cells_keep_their_color_and_words_take_the_pages():
    figure = corruption_heatmap([{"corruption": "fog", "severity": 1, "accuracy": 1.0}])
    text = drawing(figure, "plot", "words")
    fills = set(re.findall(r"fill: ([^;\"]+)", text))
    assert {"var(--ink)", "#101317"} <= fills
    assert "#1b1f24" not in text
    assert not fills & {"#ffffff", "white"}  # no ground of its own


def test_a_plot_says_its_titles_and_grids_how_many_images():
    figure = Figure()
    for title in ("Loss\nnow", "Accuracy"):
        figure.add_subplot().set_title(title)
    assert alternative_text(figure, "learning_curves") == "learning curves: Loss, now; Accuracy"
    images = np.zeros((3, 8, 8, 1), "uint8")
    assert alternative_text(reconstructions(images, images), "a") == "a: 6 images"
    assert alternative_text(Figure(), "none_at_all") == "none at all"


def test_words_are_escaped():
    assert 'aria-label="&lt;b&gt; &quot;"' in drawing(Figure(), "plot", '<b> "')
