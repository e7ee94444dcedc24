"""One table in Markdown, CSV, LaTeX and HTML: the same numbers, and what users wrote escaped."""

import csv
import html.parser
import io
import re

import pytest

from tf_varmixup.report.formatting import MISSING
from tf_varmixup.report.table import Table, TableColumn
from tf_varmixup.report.table_cell import TableCell
from tf_varmixup.report.table_csv import to_csv
from tf_varmixup.report.table_html import to_html
from tf_varmixup.report.table_latex import to_latex
from tf_varmixup.report.table_markdown import to_markdown

NAN = float("nan")
EVIL = r"a|b & <i> \c_d_ 50% #1 {x} $y^~ *z* `q` [l](u) &lt;"
TABLE = Table(
    "A & B < C",
    ("Method", "Seeds"),
    (
        TableColumn("clean.accuracy", "Accuracy, %", "clean", 100, 2),
        TableColumn("corrupted.accuracy", "Accuracy, %", "corrupted", 100, 2),
        TableColumn("clean.nll", "NLL", "clean", signed=True),
    ),
    (
        (
            (EVIL, "3"),
            (TableCell(0.912, 0.004, best=True), TableCell(0.5), TableCell(-0.25, low=-1, high=0)),
        ),
        (
            ("my_method", MISSING),
            (TableCell(NAN), TableCell(0.25, low=0.2, high=0.3), TableCell(2)),
        ),
    ),
)


class Cells(html.parser.HTMLParser):
    """The text of each cell by row, and the tags that are open where text stands."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.tags = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td"):
            self.rows[-1].append("")

    def handle_data(self, data):
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data.strip("\n")


def test_markdown():
    lines = to_markdown(TABLE).splitlines()
    assert lines[0] == (
        "| Method | Seeds | Accuracy, %<br>clean | Accuracy, %<br>corrupted | NLL<br>clean |"
    )
    assert lines[1] == "|---|--:|--:|--:|--:|"
    assert lines[3] == f"| my_method | {MISSING} | {MISSING} | 25.00<br>[20.00, 30.00] | +2.000 |"
    # As many cells as headings: no bar of a name's ends one.
    cells = [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines]
    assert {len(row) for row in cells} == {5}
    name, *numbers = (cell.strip() for cell in cells[2])
    assert numbers == ["3", "**91.20** ± 0.40", "50.00", "-0.250<br>[-1.000, 0.000]"]
    plain = re.sub(r"\\([^\w\s])", r"\1", name).replace("\\_", "_").replace("&amp;lt;", "&lt;")
    assert plain == EVIL
    for special in ("<i>", "*z", "`q", "[l", "d_ ", "&lt;"):
        assert not re.search(rf"(?<!\\){re.escape(special)}", name), special


def test_csv_has_the_numbers_in_full():
    first, second = csv.DictReader(io.StringIO(to_csv(TABLE)))
    assert list(first) == [
        "method",
        "seeds",
        "clean.accuracy",
        "clean.accuracy.deviation",
        "clean.accuracy.best",
        "corrupted.accuracy",
        "corrupted.accuracy.low",
        "corrupted.accuracy.high",
        "clean.nll",
        "clean.nll.low",
        "clean.nll.high",
    ]
    assert list(first.values())[:6] == [EVIL, "3", "0.912", "0.004", "1", "0.5"]
    assert list(first.values())[6:] == ["", "", "-0.25", "-1.0", "0.0"]
    assert list(second.values())[:6] == ["my_method", "", "", "", "0", "0.25"]


def test_latex():
    lines = to_latex(TABLE).splitlines()
    assert lines[:8] == [
        "% A & B < C",
        r"\begin{tabular}{lrrrr}",
        r"\toprule",
        r" &  & \multicolumn{2}{c}{Accuracy, \%} & NLL \\",
        r"\cmidrule(lr){3-4} \cmidrule(lr){5-5}",
        r"Method & Seeds & clean & corrupted & clean \\",
        r"\midrule",
        lines[7],
    ]
    assert lines[8:] == [
        r"my\_method & -- & -- & $25.00 [20.00,\ 30.00]$ & $+2.000$ \\",
        r"\bottomrule",
        r"\end{tabular}",
    ]
    assert lines[7].endswith(
        r" & 3 & $\mathbf{91.20} \pm 0.40$ & $50.00$ & $-0.250 [-1.000,\ 0.000]$ \\"
    )
    name = lines[7].split(" & 3 &")[0]
    assert name.startswith(r"a\textbar{}b \& \textless{}i\textgreater{} \textbackslash{}c\_d\_")
    assert r"50\% \#1 \{x\} \$y\textasciicircum{}\textasciitilde{}" in name
    assert (
        re.sub(r"\\text[a-z]+\{\}|\\[&%$#_{}]", "", name) == "ab  i cd 50 1 x y *z* `q` [l](u) lt;"
    )


def test_html():
    text = to_html(TABLE)
    page = Cells(text)
    assert "<caption>A &amp; B &lt; C</caption>" in text
    assert page.rows[0] == ["Method", "Seeds", "Accuracy, %", "NLL"]
    assert page.rows[1] == ["clean", "corrupted", "clean"]
    assert page.rows[2][:1] == [EVIL]
    minus, space = "\N{MINUS SIGN}", "\N{NO-BREAK SPACE}"
    assert page.rows[2][2] == f"91.20 ±{space}0.40"
    assert page.rows[2][4] == f"{minus}0.250 [{minus}1.000, 0.000]"
    assert page.rows[3][:3] == ["my_method", MISSING, MISSING]
    assert "<strong>91.20</strong> <small>" in text
    assert 'data-label="Accuracy, % corrupted"' in text
    assert page.tags == {
        *("table", "caption", "thead", "tbody", "tr", "th", "td", "strong", "small"),
    }


def test_columns_without_groups_have_one_line_of_headings():
    table = Table("", ("Corruption",), (TableColumn("a_b", "", "a_b"),), ())
    assert Cells(to_html(table)).rows == [["Corruption", "a_b"]]
    assert "caption" not in to_html(table)
    assert to_latex(table).splitlines()[1:3] == [r"\toprule", r"Corruption & a\_b \\"]
    assert to_markdown(table).splitlines()[0] == "| Corruption | a_b |"


def test_a_number_that_rounds_to_0_has_no_sign():
    assert TableCell(-0.0004, low=-0.0004, high=0.01).parts(1, 2, signed=True) == (
        "0.00",
        "[0.00, +0.01]",
    )


def test_rows_of_another_length_are_refused():
    with pytest.raises(ValueError, match=r"2 texts and 3 cells\. Received: 1 and 0\."):
        Table("", TABLE.stub, TABLE.columns, ((("a",), ()),))
