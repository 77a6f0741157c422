"""The article as a text document that prints well, by pandoc."""

import html
import io
import re
import subprocess
import zipfile
from pathlib import Path

PADDING = 3
"""Characters that the edges of a cell take."""
LINE = 95
"""Characters of a table's line in print, at `TABLE_POINTS`."""
TABLE_POINTS = 8
TABLE_STYLE = 'w:styleId="Compact">'
"""Style in which pandoc sets the cells of tables."""


def write_document(page: str, path: str | Path) -> None:
    """Write the article as DOCX.

    Parameters
    ----------
    page : str
        The article as HTML.
    path : path
    """
    import pypandoc  # brings pandoc, which only this needs

    pandoc = pypandoc.get_pandoc_path()
    styles = subprocess.run([pandoc, "--print-default-data-file", "reference.docx"], capture_output=True, check=True)
    reference = Path(path).with_suffix(".reference.docx")
    reference.write_bytes(with_small_tables(styles.stdout))
    try:
        options = ["--reference-doc", str(reference)]
        pypandoc.convert_text(printable(page), "docx", format="html", outputfile=str(path), extra_args=options)
    finally:
        reference.unlink()


def with_small_tables(document: bytes) -> bytes:
    """Set the text of tables in a document's styles to `TABLE_POINTS`."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as before, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            content = before.read(name)
            if name == "word/styles.xml":
                head, tail = content.decode().split(TABLE_STYLE)
                size = f'<w:rPr><w:sz w:val="{2 * TABLE_POINTS}"/><w:szCs w:val="{2 * TABLE_POINTS}"/></w:rPr>'
                content = (head + TABLE_STYLE + tail.replace("</w:style>", f"{size}</w:style>", 1)).encode()
            after.writestr(name, content)
    return made.getvalue()


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
    '<table><colgroup><col style="width:35.7%"><col style="width:64.3%"></colgroup><tr><td>ab</td><td>abcdef</td></tr></table>'
    """
    page = re.sub(r"<title>.*?</title>", "", page, flags=re.S)
    page = re.sub(r"<li>(?!<p>)(.*?)</li>", r"<li><p>\1</p></li>", page, flags=re.S)  # others get the style of tables
    return re.sub(r"(<table[^>]*>)(\s*<caption>.*?</caption>)?(.*?</table>)", _with_widths, page, flags=re.S)


def _with_widths(table: re.Match) -> str:
    """Put the widths of the columns after a table's caption, as HTML asks."""
    opening, caption, rest = table[1], table[2] or "", table[3]
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in re.findall(r"<tr.*?</tr>", rest, re.S)]
    columns = zip(*(row for row in rows if len(row) == max(map(len, rows))), strict=True)
    texts = [[html.unescape(re.sub(r"<[^>]+>", "", cell)) for cell in column] for column in columns]
    widths = "".join(f'<col style="width:{share:.1f}%">' for share in shares(texts))
    return f"{opening}{caption}<colgroup>{widths}</colgroup>{rest}"


def shares(columns: list[list[str]]) -> list[float]:
    """Share the width of a table out: each column holds its longest word, and what is left goes to those with long cells.

    Parameters
    ----------
    columns : list of list of str
        Texts of the cells, by column.

    Returns
    -------
    list of float
        Per cent.

    Examples
    --------
    >>> [round(share) for share in shares([["reproduced"], ["a long statement, " * 9], ["183"]])]
    [14, 80, 6]
    """
    words = [PADDING + max((len(word) for cell in column for word in cell.split()), default=1) for column in columns]
    cells = [PADDING + max(map(len, column), default=1) for column in columns]
    left = max(LINE - sum(words), 0)
    wishes = [min(cell - word, LINE) for cell, word in zip(cells, words, strict=True)]
    spread = min(left / sum(wishes), 1) if sum(wishes) else 0
    widths = [word + spread * wish for word, wish in zip(words, wishes, strict=True)]
    return [100 * width / sum(widths) for width in widths]
