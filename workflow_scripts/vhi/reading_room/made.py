"""What pages that all readers share made: tables beside their masks. This module is part of what the Snakefile stands on."""

from collections.abc import Callable, Sequence
from pathlib import Path

from vhi.io.tables import read_rows, write_rows

COLUMN_OF = {"marrow": "normal_marrow", "region": "disease_region_corrected"}
"""Column of scans.tsv that the masks of a task answer."""
COLUMNS = ("scan", "mask", "reader", "made", "named", "rating", "note")
"""`mask` is empty where the networks' region was not corrected; `named` is what scans.tsv named when the mask was made."""
DECISIONS = ("scan", "difference", "slice", "voxels", "decision", "reason", "reader", "made")
"""Columns of decisions.tsv; slices count from 1, `reader` is who decided."""
SHEET = ("scan", "reader", "slice", "side", "q1", "q2", "q3", "q4", "depth", "intensity")
"""Columns of a SPARCC sheet."""


def made_file(records: str | Path, task: str) -> Path:
    """Give the path of the table of a task."""
    return Path(records) / task / "made.tsv"


def read_made(records: str | Path, task: str) -> list[dict[str, str]]:
    """Read what the pages of a task made, one row per scan (`COLUMNS`); none where nothing was finished."""
    return read_rows(made_file(records, task), COLUMNS, "serve the pages once more (make read), which writes it anew")


def write_made(records: str | Path, task: str, rows: list[dict]) -> None:
    """Write the table of a task whole or not at all, in the order of the scans' names."""
    write_rows(made_file(records, task), COLUMNS, sorted(rows, key=lambda row: row["scan"]))


def replace_rows(path: Path, columns: Sequence[str], scan: str, rows: list[dict], order: Callable) -> None:
    """Put rows in the place of those that a table has of a scan; where it has none and gets none, it is left alone."""
    before = read_rows(path, columns)
    others = [row for row in before if row["scan"] != scan]
    if rows or len(others) < len(before):
        write_rows(path, columns, sorted(others + rows, key=order))


def sheet_file(records: str | Path, reader: str) -> Path:
    """Give the path of the SPARCC sheet that the scoring page makes of a reader's records."""
    return Path(records) / "scoring" / reader / "sparcc_sheet.tsv"


def decisions_file(records: str | Path) -> Path:
    """Give the path of the table of what was decided."""
    return Path(records) / "consensus" / "decisions.tsv"
