"""Read and write tables: tab-separated, one header row, empty cells for what is missing.

`read_table` and `write_table` are for frames; the others need only what Python itself brings, so that the Snakefile can
stand on them.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vhi.io.errors import InputError
from vhi.io.files import replacing

if TYPE_CHECKING:
    import pandas as pd

NAMES = ("scan", "subject", "reader", "trial", "a", "b")
"""Columns that are names even where they look like numbers: scan 1003, and 0042 or 1e5 where a study has it."""
TAKEN_AS = {
    "paper": "with scans taken as independent, as in the paper",
    "clustered": "with scans clustered within subjects",
}
"""The methods of limits.tsv, in the words that text and figures share."""


def read_table(path: str | Path) -> "pd.DataFrame":
    """Read a table that the workflow wrote; names stay text, and only an empty cell is missing: a subject may be NA."""
    import pandas as pd

    return pd.read_csv(
        path,
        sep="\t",
        dtype=dict.fromkeys(NAMES, str),
        keep_default_na=False,
        na_values=[""],
    )


def write_table(path: str | Path, frame: "pd.DataFrame") -> None:
    """Write a table whole or not at all; numbers in full, so that reading gives back what was written."""
    with replacing(path) as beside:
        frame.to_csv(beside, sep="\t", index=False, lineterminator="\n")


def read_lines(path: str | Path) -> Iterator[tuple[int, list[str]]]:
    """Read a table that a human wrote, header first; comments (``#``) and blank lines are left out.

    Yields
    ------
    number : int
        Line in the file, from 1.
    cells : list of str

    Raises
    ------
    InputError
        If the file is empty or no UTF-8, or a row has another number of cells than the header.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: expected UTF-8 text, found bytes that are not ({error.reason}); save as UTF-8"
        ) from None
    width = 0
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.startswith("#"):
            cells = line.split("\t")
            width = width or len(cells)
            if len(cells) != width:
                raise InputError(f"{path}, row {number}: expected {width} tab-separated cells, found {len(cells)}")
            yield number, cells
    if not width:
        raise InputError(f"{path}: expected a header row and tab-separated rows, found an empty file")


def read_rows(path: str | Path, columns: Sequence[str] = (), mend: str = "") -> list[dict[str, str]]:
    """Read a table that this project wrote, as text by column; no rows where there is no such file.

    Parameters
    ----------
    path : str or Path
    columns : sequence of str
        That it must have.
    mend : str
        What to do where the table is damaged.

    Raises
    ------
    InputError
        If the file is damaged, lacks columns, or has a row that is too short or too long.
    """
    if not Path(path).is_file():
        return []
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, delimiter="\t")
            rows, found = list(reader), reader.fieldnames or []
    except (UnicodeDecodeError, csv.Error):
        rows, found = [], ["bytes that are no text"]
    if (found and not set(columns) <= set(found)) or any(None in row or None in row.values() for row in rows):
        raise InputError(
            f"{path}: expected a table with the columns {', '.join(columns or found)}, found another or a damaged one "
            f"({', '.join(found)}); {mend or 'remove it and run again'}"
        )
    return rows


def write_rows(path: str | Path, columns: Sequence[str], rows: Iterable[Mapping]) -> None:
    """Write rows as a table that `read_rows` reads, whole or not at all."""
    with replacing(path) as beside, open(beside, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
