"""Read and write the workflow's own tables: tab-separated, one header row, empty cells for what is missing."""

from pathlib import Path

import pandas as pd

from vhi.io.files import replacing

NAMES = ("scan", "subject", "reader", "trial", "a", "b")
"""Columns that are names even where they look like numbers: scan 1003, and 0042 or 1e5 where a study has it."""
TAKEN_AS = {
    "paper": "with scans taken as independent, as in the paper",
    "clustered": "with scans clustered within subjects",
}
"""The methods of limits.tsv, in the words that text and figures share."""


def read_table(path: str | Path) -> pd.DataFrame:
    """Read a table that the workflow wrote; names stay text, and only an empty cell is missing: a subject may be NA."""
    return pd.read_csv(
        path,
        sep="\t",
        dtype=dict.fromkeys(NAMES, str),
        float_precision="round_trip",
        keep_default_na=False,
        na_values=[""],
    )


def write_table(path: str | Path, frame: pd.DataFrame) -> None:
    """Write a table whole or not at all; numbers in full, so that reading gives back what was written."""
    with replacing(path) as beside:
        frame.to_csv(beside, sep="\t", index=False, lineterminator="\n")
