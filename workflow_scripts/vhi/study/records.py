"""Where the records of the reading room are, and which reading each belongs to.

The study's key links a pack's random id to reader, trial, scan and preliminary segmentation. It lives beside the
records and outlives results: rows are only ever added. This module is part of what the Snakefile stands on.
"""

import json
from pathlib import Path

from vhi.io.errors import InputError
from vhi.io.tables import read_rows

KEY_FOLDER = "_key"  # no reader can be called so
KEY_COLUMNS = ("pack", "code", "reader", "trial", "scan", "preliminary")
MASK_ENDINGS = (".nii.gz", ".nii")


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


def find_records(records: str | Path, readers: list[str]) -> dict[tuple[str, str, int], str]:
    """Find what readers have handed in, by (scan, reader, trial).

    A finished record belongs to the reading that its pack has in the key, whatever its file is called. A mask
    belongs to the reading of the code with which its name begins. Drafts (not finished) are left alone.

    Raises
    ------
    InputError
        If a record or mask belongs to no pack of this reader, or two belong to one reading.
    """
    found: dict[tuple[str, str, int], str] = {}
    for reader in readers:
        folder = Path(records) / reader
        key = read_key(records, reader) if folder.is_dir() else []
        for path in sorted(folder.iterdir()) if folder.is_dir() else []:
            if path.name.startswith(".") or not path.is_file():
                continue
            if path.suffix == ".json":
                finished, pack = _finished_pack(path)
                if not finished:
                    continue
                row = next((row for row in key if row["pack"] == pack), None)
            elif path.name.endswith(MASK_ENDINGS):
                code = path.name.split(".")[0].split("_")[0]
                row = next((row for row in key if row["code"] == code), None)
            else:
                continue
            if row is None:
                raise InputError(
                    f"{path}: belongs to no pack of reader {reader} in {key_file(records, reader)}; was it handed in by "
                    "another reader, or for another study? Move it to where it belongs"
                )
            reading = (row["scan"], reader, row["trial"])
            if reading in found:
                raise InputError(
                    f"{path}: reading {row['code']} of reader {reader} has already {found[reading]}; keep one of them"
                )
            found[reading] = str(path)
    return found


def _finished_pack(path: Path) -> tuple[bool, str | None]:
    """Whether a record is finished, and its pack; one that cannot be read counts as finished, and is refused later."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        return record["finished"] is not None, record["pack"]
    except (ValueError, KeyError, TypeError):
        raise InputError(
            f"{path}: expected a cleaning record (JSON), found something else; export it again from the page"
        ) from None


def take_records(readings: list[dict], config: dict) -> None:
    """Put the records of the reading room into the rows of the semi-automatic readings they answer, in place.

    Open readings take them, or all do (``reading_room.readings``); `config` names the folder of the records.
    """
    settings = config["reading_room"]
    if not Path(settings["records"]).is_dir():
        return
    found = find_records(settings["records"], config["readers"])
    for row in readings:
        if row["method"] == "semiautomatic" and row["mask"] is None and row["vhi_voxels"] is None:
            row["mask"] = found.get((row["scan"], row["reader"], row["trial"]))
    _put_in_order(readings, set(found.values()))


def _put_in_order(readings: list[dict], found: set[str]) -> None:
    """Number the readings of each reader by the time at which their record was finished, where readings.tsv gives no order."""
    finished: dict[str, list[tuple[str, dict]]] = {}
    for row in readings:
        if row["mask"] in found and row["mask"].endswith(".json") and row["order"] is None:
            record = json.loads(Path(row["mask"]).read_text(encoding="utf-8"))
            finished.setdefault(row["reader"], []).append((str(record["finished"]), row))
    for rows in finished.values():
        for place, (_, row) in enumerate(sorted(rows, key=lambda one: one[0]), 1):
            row["order"] = place
