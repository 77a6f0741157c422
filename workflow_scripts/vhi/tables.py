"""Read and write the workflow's own tables: tab-separated, one header row, empty cells for what is missing."""

from pathlib import Path

import pandas as pd

from vhi.files import replacing

NAMES = ("scan", "subject", "reader", "trial", "a", "b")
"""Columns that are names even where they look like numbers: scan 1003, and 0042 where a study has it."""


def read_table(path: str | Path) -> pd.DataFrame:
    """Read a table that the workflow wrote; names stay text."""
    return pd.read_csv(path, sep="\t", dtype=dict.fromkeys(NAMES, str), float_precision="round_trip")


def read_claims(path: str | Path) -> pd.DataFrame:
    """Read a study's claims.tsv, whose `published` column holds numbers, and words where a claim is in words."""
    claims = pd.read_csv(path, sep="\t", dtype={"published": object, "id": str})
    claims["published"] = [_number_or_words(cell) for cell in claims["published"]]
    return claims


def _number_or_words(cell: object) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(cell)
        except ValueError:
            pass
    return str(cell)


def write_table(path: str | Path, frame: pd.DataFrame) -> None:
    """Write a table whole or not at all; numbers in full, so that reading gives back what was written."""
    with replacing(path) as beside:
        frame.to_csv(beside, sep="\t", index=False, lineterminator="\n")
