"""Write the pages of marrow and region: one per scan, under a code, with the key that only the study's owner has."""

from pathlib import Path

import numpy as np
import pandas as pd

from vhi.io.files import replacing_folder, write_text
from vhi.io.hashes import sha256
from vhi.io.images import Image
from vhi.io.tables import write_table
from vhi.reading_room.blinding import current_rows, extended_key
from vhi.reading_room.keys import KEY_COLUMNS, key_file, read_key
from vhi.reading_room.pages import page


def scan_fingerprint(image: Image) -> str:
    """Give the SHA-256 of a scan's intensities and shape: a page belongs to the scan it was made from."""
    volume = np.ascontiguousarray(image.volume, "<f8")
    return sha256(repr(volume.shape).encode() + volume.tobytes())


def keyed(records: str | Path, task: str, hashes: dict[str, str], seed: int) -> list[dict]:
    """Extend the key of a task until every scan has its code and pack; give the rows that hold now, by code.

    Parameters
    ----------
    records : str or Path
        Folder of the records.
    task : {"marrow", "region"}
    hashes : dict of str
        Of what each scan's page begins with, by scan; another one gets a new pack.
    seed : int
        Of the order of new codes.

    Returns
    -------
    list of dict
        ``pack code reader trial scan preliminary``; the task stands for the reader.
    """
    wanted = [{"trial": 1, "scan": scan, "preliminary": value} for scan, value in hashes.items()]
    before = read_key(records, task)
    key = extended_key(before, wanted, seed, task)
    if key != before:
        write_table(key_file(records, task), pd.DataFrame(key, columns=list(KEY_COLUMNS)))
    return current_rows(key, wanted)


def flagged_first(rows: list[dict], quality: pd.DataFrame) -> list[dict]:
    """Order the rows of the key: scans whose region is flagged first, the lowest predicted Dice in front.

    Parameters
    ----------
    rows : list of dict
    quality : DataFrame
        Columns ``scan look_at_it``, and ``predicted_dice`` where a model predicts it.

    Returns
    -------
    list of dict
        Scans that are not flagged keep the order of their codes.
    """
    quality = quality.set_index("scan")
    flag = quality["look_at_it"].fillna(False).astype(bool)
    dice = quality.get("predicted_dice", pd.Series(0.0, quality.index)).fillna(0.0)
    return sorted(rows, key=lambda row: (0, dice[row["scan"]]) if flag.get(row["scan"], False) else (1, 0.0))


def write_task(
    listed: Path, key: Path, former: Path, rows: list[dict], contents: dict[str, dict], template: dict[str, str]
) -> None:
    """Write the pages of a task, their list, and the key that holds now; what the folder held before is kept.

    Parameters
    ----------
    listed : Path
        List of codes; the pages lie beside it.
    key : Path
        Table of the rows.
    former : Path
        Where a former folder is kept, whole.
    rows : list of dict
        Of the key, in the order in which the scans are listed.
    contents : dict of dict
        What each page shows, by code.
    template : dict of str
        Of `pages.page`.
    """
    with replacing_folder(listed.parent, former) as folder:
        for code, content in contents.items():
            write_text(folder / f"{code}.html", page(template, content))
        codes = [row["code"] for row in rows]
        write_table(folder / listed.name, pd.DataFrame({"order": range(1, len(codes) + 1), "scan": codes}))
    listed.touch()  # pages that came out the same stay, and are up to date
    write_table(key, pd.DataFrame(rows, columns=list(KEY_COLUMNS)))
