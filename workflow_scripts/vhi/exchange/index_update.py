"""Add to the tables of a study what a later index finds; nothing that is filled in is changed."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from vhi.exchange.index_study import open_readings
from vhi.io.files import write_text
from vhi.io.tables import read_lines


def merged_table(text: str, rows: list[dict[str, str]]) -> tuple[str, int, int]:
    """Add to a table what it does not hold: new scans as rows, and cells that were empty. Nothing filled is changed.

    Parameters
    ----------
    text : str
        Of scans.tsv.
    rows : list of dict
        Cells by column.

    Returns
    -------
    text : str
    added, filled : int
        Rows and cells.
    """
    new = {row["scan"]: row for row in rows}
    lines, header, filled = [], None, 0
    for line in text.splitlines():
        cells = line.split("\t")
        if not line.strip() or line.startswith("#"):
            pass
        elif header is None:
            header = cells
        elif len(cells) == len(header) and cells[header.index("scan")] in new:
            row = new.pop(cells[header.index("scan")])
            for place, column in enumerate(header):
                if cells[place] == "" and row.get(column):
                    cells[place], filled = row[column], filled + 1
            line = "\t".join(cells)
        lines.append(line)
    lines += ["\t".join(row.get(column) or "" for column in header) for row in new.values()]
    return "\n".join(lines) + "\n", len(new), filled


def extend_tables(study: Path, readers: Sequence[str], rows: list[dict], before: list[dict]) -> str:
    """Add to readings.tsv and subjects.tsv of a study what new scans need; rows that are there stay as they are.

    Parameters
    ----------
    study : Path
    readers : sequence of str
        Of the config. Those without a semi-automatic row in readings.tsv get none, if another reader has one.
    rows : list of dict
        ``scan subject stir`` of all scans that were found.
    before : list of dict
        Rows of scans.tsv before they were added. A scan that had a STIR has the readings that its owner wants.

    Returns
    -------
    str
        What was added, in words; empty where nothing was.
    """
    stir, subjects = {row["scan"]: row["stir"] for row in before}, {row["subject"] for row in before}
    unread = [row for row in rows if row["stir"] and not stir.get(row["scan"])]
    reading = {row["reader"] for row in rows_of(study / "readings.tsv") if row["method"] == "semiautomatic"}
    readings = open_readings(unread, [reader for reader in readers if reader in reading or not reading])
    new = dict.fromkeys(row["subject"] for row in rows if row["subject"] not in subjects)
    added = {
        "open readings": _extended(study / "readings.tsv", readings, ("scan", "reader")),
        "subjects": _extended(study / "subjects.tsv", ({"subject": name} for name in new), ("subject",)),
    }
    return ", ".join(f"{count} {what} added" for what, count in added.items() if count)


def rows_of(path: Path) -> list[dict[str, str]]:
    """Read a table that a human wrote, as text by column."""
    lines = read_lines(path)
    _, header = next(lines)
    return [dict(zip(header, cells, strict=True)) for _, cells in lines]


def _extended(path: Path, rows: Iterable[dict[str, str]], names: Sequence[str]) -> int:
    """Add rows at the end of a table, but for those that it has by these columns; gives how many."""
    there = {tuple(row[name] for name in names) for row in rows_of(path)}
    new = [row for row in rows if tuple(row[name] for name in names) not in there]
    _, header = next(read_lines(path))
    lines = ["\t".join(row.get(column) or "" for column in header) for row in new]
    if lines:
        write_text(path, "\n".join([*path.read_text(encoding="utf-8-sig").splitlines(), *lines]) + "\n")
    return len(lines)
