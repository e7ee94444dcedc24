"""Replace what stands between a page's markers by the tables that belong there."""

import pathlib
import re
from collections.abc import Mapping

_BLOCK = re.compile(
    r"(<!-- results:(?P<name>[^:\n]+):begin(?: rows: (?P<rows>[^\n]+))? -->\n)"
    r".*?(<!-- results:(?P=name):end -->)",
    re.DOTALL,
)
_MARKER = re.compile(r"<!-- results:[^:\n]+:(?:begin[^\n]*|end) -->")


def block_names(text: str) -> list[str]:
    r"""Return the names of a page's blocks, in order.

    Example:
        >>> block_names("<!-- results:a:begin rows: erm -->\nold\n<!-- results:a:end -->")
        ['a']
    """
    return [match["name"] for match in _BLOCK.finditer(text)]


def fill(text: str, blocks: Mapping[str, str], page: pathlib.PurePath) -> str:
    """Replace what stands between the markers of each block of a page.

    Args:
        text: The page as it is.
        blocks: Dict of a block's name to what it should say.
        page: What error messages call the page.

    Returns:
        The page as it should be.

    Raises:
        ValueError: If there are no results for a block, a marker has no partner, or a table has not
            the rows that its marker names.
    """
    names = block_names(text)
    markers = _MARKER.findall(text)
    if len(markers) != 2 * len(names):
        raise ValueError(
            f"Expected results markers of {page} in pairs of begin and end. "
            f"Received: {', '.join(markers)}."
        )
    missing = [name for name in names if name not in blocks]
    if missing:
        raise ValueError(
            f"Expected blocks of {page} to be among {', '.join(sorted(blocks))}. "
            f"Received: {', '.join(missing)}."
        )

    def filled(match: re.Match[str]) -> str:
        block = blocks[match["name"]]
        if match["rows"]:
            block = _with_rows(block, [row.strip() for row in match["rows"].split(";")], page)
        return match[1] + block + match[4]

    return _BLOCK.sub(filled, text)


def _with_rows(block: str, rows: list[str], page: pathlib.PurePath) -> str:
    """Keep these rows of a block's first table, in this order; where bold is by all, say so."""
    lines = block.split("\n")
    start = next(index for index, line in enumerate(lines) if line.startswith("|---")) + 1
    stop = next(index for index in range(start, len(lines)) if not lines[index].startswith("|"))
    found = {line.split(" | ")[0].removeprefix("| "): line for line in lines[start:stop]}
    unknown = [row for row in rows if row not in found]
    if unknown:
        raise ValueError(
            f"Expected rows of {page} to be among {'; '.join(found)}. "
            f"Received: {'; '.join(unknown)}."
        )
    kept = [found[row] for row in rows]
    by_all = any("Bold: better than every other row" in line for line in lines[stop:])
    notes = ["", f"{len(kept)} of {len(found)} rows; bold is by all of them."] if by_all else []
    return "\n".join([*lines[:start], *kept, *notes, *lines[stop:]])
