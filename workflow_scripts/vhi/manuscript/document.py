"""The article as a page from which pandoc makes a text document that prints well."""

import html
import re

PADDING = 4
"""Characters that the edges of a cell take."""
LINE = 90
"""Characters of a table's line in print; a column takes the share that its cells need."""


def printable(page: str) -> str:
    """Give each table the width of the page, with columns as wide as their cells need, and drop the title that the heading repeats.

    Parameters
    ----------
    page : str
        The article as HTML.

    Returns
    -------
    str

    Examples
    --------
    >>> printable("<title>A</title><table><tr><td>ab</td><td>abcdef</td></tr></table>")
    '<table><colgroup><col style="width:37.5%"><col style="width:62.5%"></colgroup><tr><td>ab</td><td>abcdef</td></tr></table>'
    """
    page = re.sub(r"<title>.*?</title>", "", page, flags=re.S)
    return re.sub(r"(<table[^>]*>)(\s*<caption>.*?</caption>)?(.*?</table>)", _with_widths, page, flags=re.S)


def _with_widths(table: re.Match) -> str:
    """Put the widths of the columns after a table's caption, as HTML asks."""
    opening, caption, rest = table[1], table[2] or "", table[3]
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in re.findall(r"<tr.*?</tr>", rest, re.S)]
    columns = list(zip(*(row for row in rows if len(row) == max(map(len, rows))), strict=True))
    needs = [_need([html.unescape(re.sub(r"<[^>]+>", "", cell)) for cell in column]) for column in columns]
    widths = "".join(f'<col style="width:{100 * need / sum(needs):.1f}%">' for need in needs)
    return f"{opening}{caption}<colgroup>{widths}</colgroup>{rest}"


def _need(cells: list[str]) -> float:
    """Characters that a column should hold in a line: its longest word at least, its longest cell at most."""
    word = max((len(word) for cell in cells for word in cell.split()), default=1)
    longest = max(map(len, cells), default=1)
    return PADDING + max(word, min(longest, LINE / 2 * longest / (longest + LINE / 2)))
