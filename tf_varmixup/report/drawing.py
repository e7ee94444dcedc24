"""A plot as a part of a page: SVG in the page's own colors, light and dark, panel by panel."""

import base64
import html
import io
import re

import matplotlib as mpl
import PIL.Image
from matplotlib.figure import Figure

from tf_varmixup.report.panels import panels
from tf_varmixup.report.style import COLOR_NAMES, STYLE

PIXELS_PER_INCH = 120  # on a page: type of 8 points is then about as large as its captions
_POINTS = 72  # per inch
_LARGEST = 160  # pixels of an embedded image's longer side


def png(figure: Figure) -> bytes:
    """Return a plot as a PNG at the library's resolution."""
    with mpl.rc_context(STYLE), io.BytesIO() as buffer:
        figure.savefig(buffer, format="png")
        return buffer.getvalue()


def drawing(figure: Figure, name: str, text: str) -> str:
    """Return a plot as HTML.

    Every panel is an SVG element of its own that shows a part of the first one's drawing. The
    library's colors become the page's variables, such as `var(--ink)`.

    Args:
        figure: A `matplotlib.figure.Figure`.
        name: What ids begin with, unique on the page.
        text: The alternative text.

    Returns:
        A `<div role="img">` element.

    Example:
        >>> drawing(Figure(), "empty", "nothing")[:52]
        '<div class="panels" role="img" aria-label="nothing">'
    """
    content = _content(figure, name)
    parts: list[str] = []
    for left, top, width, height in panels(figure):
        box = " ".join(f"{_POINTS * edge:.2f}" for edge in (left, top, width, height))
        size = f'viewBox="{box}" width="{PIXELS_PER_INCH * width:.0f}"'
        inside = f'<use href="#{name}"/>' if parts else f'<g id="{name}">{content}</g>'
        parts.append(f'<svg {size} aria-hidden="true">{inside}</svg>')
    label = html.escape(text, quote=True)
    return "\n".join([f'<div class="panels" role="img" aria-label="{label}">', *parts, "</div>"])


def alternative_text(figure: Figure, name: str) -> str:
    """Return what a plot shows, in the words of its titles.

    Args:
        figure: A `matplotlib.figure.Figure`.
        name: The plot's name.

    Returns:
        A string.

    Example:
        >>> figure = Figure()
        >>> title = figure.add_subplot().set_title("Loss")
        >>> alternative_text(figure, "learning_curves")
        'learning curves: Loss'
    """
    titles = []
    for axes in figure.axes:
        places = [axes.get_title(loc=place) for place in ("left", "center", "right")]
        titles.append(" ".join(place.replace("\n", ", ") for place in places if place))
    titles = [title for title in titles if title]
    words = name.replace("_", " ")
    if not titles and figure.axes:
        images = sum(len(axes.images) for axes in figure.axes)
        return f"{words}: {images} images" if images else words
    return ": ".join([words, "; ".join(titles)]) if titles else words


def _content(figure: Figure, name: str) -> str:
    """Return what is inside the SVG element that matplotlib writes."""
    with mpl.rc_context(STYLE), io.StringIO() as buffer:
        figure.savefig(buffer, format="svg", facecolor="none", metadata={"Date": None})
        text = buffer.getvalue()
    text = text[text.index(">", text.index("<svg")) + 1 : text.rindex("</svg>")]
    text = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", text, flags=re.DOTALL)
    text = text.replace("xlink:href=", "href=")
    # Ids are unique within one drawing, and the page has several.
    text = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", text)
    text = re.sub(r'\bfill="(#\w+)"', r'style="fill: \1"', text)  # of hatches
    for color, variable in COLOR_NAMES.items():
        text = text.replace(f": {color.lower()}", f": var(--{variable})")
    text = re.sub(r"data:image/png;base64,([^\"]*)", _smaller, text)
    return re.sub(r"\n\s*", "\n", text)


def _smaller(found: re.Match[str]) -> str:
    """Return a large image in fewer bytes; a small one is kept to the last bit."""
    data = base64.b64decode(found[1])
    with PIL.Image.open(io.BytesIO(data)) as image:
        if max(image.size) <= _LARGEST // 2:
            return found[0].replace("\n", "")
        smaller = image.convert("RGB")
        smaller.thumbnail((_LARGEST, _LARGEST))
        with io.BytesIO() as buffer:
            smaller.save(buffer, format="JPEG", quality=85)
            return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"
