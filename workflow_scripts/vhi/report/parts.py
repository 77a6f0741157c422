"""Parts of the report: a page for each step with its figures, tables and pages, as far as they are there."""

import html
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from vhi.io.tables import read_rows
from vhi.report.html import render

TABLE_BYTES = 600_000
"""Most bytes of a table in a page; a part has up to eight, and no file of the report is to exceed 5 MB."""
KINDS = {".png": "figure", ".tsv": "table", ".html": "page", ".txt": "text"}


def items_of(shown: Iterable[Mapping], results: Path) -> list[dict]:
    """Find what there is of what the rules hand to the report.

    Parameters
    ----------
    shown : iterable of mapping
        ``path`` (below the results; may hold wildcards, or end with ``/*.png``), ``label category caption`` (a file).
    results : Path

    Returns
    -------
    list of dict
        ``path`` (below the results) ``kind`` (of `KINDS`) ``label category caption`` (HTML) ``others`` (the same as SVG or PDF).
    """
    found = []
    for item in shown:
        pattern = re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]*)", re.escape(item["path"])))
        folder = results / Path(item["path"].partition("{")[0] + "_").parent
        for path in sorted(folder.glob("*")):
            inside = path.relative_to(results).as_posix()
            match = pattern.fullmatch(inside)
            if match:
                others = [path.with_suffix(kind).name for kind in (".svg", ".pdf") if path.with_suffix(kind).is_file()]
                found.append(
                    {"path": inside, "kind": KINDS[path.suffix], "label": item["label"].format(**match.groupdict()),
                     "category": item["category"], "caption": caption_of(item["caption"]), "others": others}
                )  # fmt: skip
    return found


def caption_of(path: str | Path) -> str:
    """Read a caption: reStructuredText of one paragraph with code, emphasis and strong emphasis."""
    text = html.escape(Path(path).read_text(encoding="utf-8").strip(), quote=False)
    for mark, tag in (("``", "code"), ("`", "code"), (r"\*\*", "b"), (r"\*", "i")):
        text = re.sub(rf"{mark}(?=\S)(.+?){mark}", rf"<{tag}>\1</{tag}>", text, flags=re.S)
    return text


def parts_of(items: Sequence[Mapping]) -> list[dict]:
    """Group items by category, in the order of the names: ``name file items`` (name without its number where the paper has none)."""
    parts = []
    for category in sorted({item["category"] for item in items}, key=str.casefold):
        name = re.sub(r"^[089](\.\d)? ", "", category)
        file = re.sub(r"\W+", "_", category).lower() + ".html"
        parts.append({"name": name, "file": file, "items": [item for item in items if item["category"] == category]})
    return parts


def data_of(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table for a page: JSON of ``columns rows all``, of a long table the first rows (`TABLE_BYTES`)."""
    size = sum(len(cell) + 3 for cell in columns)
    kept = 0
    for row in rows:
        size += sum(len(cell) + 3 for cell in row) + 3
        if size > TABLE_BYTES:
            break
        kept += 1
    table = {"columns": list(columns), "rows": [list(row) for row in rows[:kept]], "all": len(rows)}
    return json.dumps(table, ensure_ascii=False).replace("<", "\\u003c")


def part_page(title: str, parts: Sequence[Mapping], place: int, results: Path) -> str:
    """Make the page of a part; it lies two folders below the results.

    Parameters
    ----------
    title : str
        Of the study.
    parts : sequence of mapping
        Of `parts_of`.
    place : int
        Which of them.
    results : Path
    """
    items = [dict(item) for item in parts[place]["items"]]
    for number, item in enumerate(items):
        item["same"] = number > 0 and items[number - 1]["caption"] == item["caption"]
        path = results / item["path"]
        if item["kind"] == "table":
            rows = read_rows(path)
            columns = list(rows[0]) if rows else path.read_text(encoding="utf-8").rstrip("\n").split("\t")
            item["data"] = data_of(columns, [list(row.values()) for row in rows])
        elif item["kind"] == "text":
            item["text"] = path.read_text(encoding="utf-8")
    return render("part.html", title=f"{parts[place]['name']}: {title}", part=parts[place]["name"], items=items,
                  parts=parts, place=place)  # fmt: skip
