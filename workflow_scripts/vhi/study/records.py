"""What people handed in through the reading room, put into the rows of the study's tables.

This module is part of what the Snakefile stands on.
"""

import json
import zlib
from pathlib import Path

from vhi.io.errors import InputError
from vhi.reading_room.keys import key_file, read_key
from vhi.reading_room.made import COLUMN_OF, read_made
from vhi.study.rows import Row
from vhi.study.tool_masks import ENDINGS

MASK_ENDINGS = (".nii.gz", ".nii", *ENDINGS)


def find_records(records: str | Path, readers: list[str]) -> dict[tuple[str, str, int], str]:
    """Find what readers have handed in, by (scan, reader, trial).

    A finished record belongs to the reading that its pack has in the key, whatever its file is called. A mask
    belongs to the reading of the code with which its name begins. Drafts (not finished) are left alone.

    Raises
    ------
    InputError
        If a record or mask belongs to no pack of this reader, or two belong to one reading.
    """
    return {reading: path for reading, (path, _) in _handed_in(records, readers).items()}


def _handed_in(records: str | Path, readers: list[str]) -> dict[tuple[str, str, int], tuple[str, str | None]]:
    """As `find_records`, each with the time at which its record was finished; a mask has none."""
    found: dict[tuple[str, str, int], tuple[str, str | None]] = {}
    for reader in readers:
        folder = Path(records) / reader
        key = read_key(records, reader) if folder.is_dir() else []
        for path in sorted(folder.iterdir()) if folder.is_dir() else []:
            if path.name.startswith(".") or not path.is_file():
                continue
            finished = None
            if path.suffix == ".json":
                finished, pack = _finished_pack(path)
                if finished is None:
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
                    f"{path}: reading {row['code']} of reader {reader} has already {found[reading][0]}; keep one of them"
                )
            found[reading] = str(path), finished
    return found


def _finished_pack(path: Path) -> tuple[str | None, str | None]:
    """When a record was finished (None where it is not), and its pack."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        return record["finished"] and str(record["finished"]), record["pack"]
    except (ValueError, KeyError, TypeError):
        raise InputError(
            f"{path}: expected a cleaning record (JSON), found something else; export it again from the page"
        ) from None


def pack_of(path: str) -> str | None:
    """Tell which pack a record answers; None for a mask, and for what is no record (the job that takes it in says so)."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))["pack"] if path.endswith(".json") else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def add_repeats(readings: list[dict], config: dict, schema: dict) -> None:
    """Add a second trial of a random share of each reader's open readings (``reading_room.repeats``), in place.

    Those that are in the reader's key already stay chosen, whatever rows are added to readings.tsv later.

    Parameters
    ----------
    readings : list of dict
        Rows of readings.tsv, before records are taken.
    config : dict
    schema : dict
        Of readings.tsv.
    """
    settings = config["reading_room"]
    cleaned = [row for row in readings if row["method"] == "semiautomatic"]
    there = {(row["scan"], row["reader"]) for row in cleaned if row["trial"] > 1}
    for reader in config["readers"] if settings["repeats"] else []:
        rows = [row for row in cleaned if row["reader"] == reader and row["mask"] is None and row["vhi_voxels"] is None]
        scans = [row["scan"] for row in rows if (row["scan"], reader) not in there]
        keyed = {row["scan"] for row in read_key(settings["records"], reader) if row["trial"] == 2}
        chance = {scan: zlib.crc32(f"{settings['seed']} {reader} {scan}".encode()) for scan in scans}
        chosen = sorted(scans, key=lambda scan: (scan not in keyed, chance[scan]))[
            : round(settings["repeats"] * len(scans))
        ]
        for scan in (scan for scan in scans if scan in chosen):
            readings.append(Row(schema, {"scan": scan, "reader": reader, "trial": 2, "method": "semiautomatic"}))


def take_records(readings: list[dict], config: dict) -> None:
    """Put the records of the reading room into the rows of the semi-automatic readings they answer, in place.

    Open readings take them, or all do (``reading_room.readings``); `config` names the folder of the records.
    """
    settings = config["reading_room"]
    if not Path(settings["records"]).is_dir():
        return
    found = _handed_in(settings["records"], config["readers"])
    times = dict(found.values())
    finished: dict[str, list[tuple[str, dict]]] = {}
    for row in readings:
        if row["method"] == "semiautomatic" and row["mask"] is None and row["vhi_voxels"] is None:
            row["mask"], _ = found.get((row["scan"], row["reader"], row["trial"]), (None, None))
        if times.get(row["mask"]) and row["order"] is None:
            finished.setdefault(row["reader"], []).append((times[row["mask"]], row))
    for rows in finished.values():  # the order of reading, where readings.tsv gives none
        for place, (_, row) in enumerate(sorted(rows, key=lambda one: one[0]), 1):
            row["order"] = place


def take_drawings(tables: dict[str, list[dict]], config: dict, schema: dict) -> None:
    """Put masks and ratings of the pages of marrow and region into the rows of scans.tsv and region_review.tsv, in place.

    Parameters
    ----------
    tables : dict of list of dict
        Rows of the tables; those of scans have the attribute ``named``, their cells as written.
    config : dict
        `reading_room.records` is the folder of the records.
    schema : dict
        Of region_review.tsv.

    Raises
    ------
    InputError
        If a mask that a page made is missing.

    Notes
    -----
    What scans.tsv names since a page made its mask wins over the mask; the row then says so in `Row.passed_over`.
    """
    scans, reviewed = ({row["scan"]: row for row in tables[name]} for name in ("scans", "region_review"))
    records = config["reading_room"]["records"]
    for task, column in COLUMN_OF.items():
        for made in read_made(records, task):
            row = scans.get(made["scan"])
            if row is None:
                continue
            if made["rating"]:
                review = reviewed.get(made["scan"])
                if review is None:
                    tables["region_review"].append(
                        Row(schema, {key: made[key] or None for key in ("scan", "rating", "note")})
                    )
                elif review["rating"] is None:
                    review.update(rating=made["rating"], note=review["note"] or made["note"] or None)
            path, now = Path(records) / task / made["mask"], row.named.get(column)
            if made["mask"] and now and now != made["named"]:
                row.passed_over += (
                    f"scan {row['scan']}: scans.tsv names {now} in {column}; {path} was made before, and is not used",
                )
            elif made["mask"] and not path.is_file():
                raise InputError(
                    f"{path}: expected the mask that a page made, found no such file; restore it, or remove the row of scan "
                    f"{row['scan']} from {path.with_name('made.tsv')}"
                )
            elif made["mask"]:
                row[column] = str(path)
