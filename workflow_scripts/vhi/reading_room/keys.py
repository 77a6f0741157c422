"""The study's key: it links the random id of a page to reader, trial, scan and what the page showed.

It lives beside the records and outlives results: rows are only ever added. This module is part of what the Snakefile stands on.
"""

from pathlib import Path

from vhi.io.tables import read_rows

KEY_FOLDER = "_key"  # no reader can be called so
KEY_COLUMNS = ("pack", "code", "reader", "trial", "scan", "preliminary")


def key_file(records: str | Path, reader: str) -> Path:
    """Give the path of a reader's part of the key."""
    return Path(records) / KEY_FOLDER / f"{reader}.tsv"


def kept_file(records: str | Path, preliminary: str) -> Path:
    """Give the path where the key keeps a preliminary segmentation, by its SHA-256, to say what changed since."""
    return Path(records) / KEY_FOLDER / f"{preliminary[:16]}.nii.gz"


def read_key(records: str | Path, reader: str) -> list[dict]:
    """Read a reader's part of the key: pack, code, reader, trial, scan, preliminary (SHA-256); empty where absent."""
    rows = read_rows(key_file(records, reader), KEY_COLUMNS, "restore the key")
    return [row | {"trial": int(row["trial"])} for row in rows]
