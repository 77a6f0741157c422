"""Files of a study: the paths of its tables joined to the data folder, absent ones reported or refused, others found by pattern."""

import re
from pathlib import Path

from vhi.io.errors import InputError
from vhi.study.records import take_drawings
from vhi.study.rows import Row


def find_files(folder: Path, tables: dict[str, list[dict]], config: dict, schemas: dict[str, dict]) -> list[str]:
    """Join paths to the data folder, in place; report or refuse absent ones; add the scans found by pattern.

    Returns
    -------
    list of str
        Absent files, relative to the data folder.
    """
    data, absent = Path(config["data"]).expanduser(), []

    def located(cell: str, where: str) -> str | None:
        path = data / cell
        if cell.endswith(".json"):  # a cleaning record
            path = Path(config["reading_room"]["records"]) / cell
        if config["simulation"] and path.suffix != ".json":
            return str(path)
        if path.resolve().is_relative_to(Path("results").resolve()):
            raise InputError(
                f"{where}: {path} lies under results/, which runs overwrite; keep what a human made elsewhere"
            )
        if path.is_file():
            return str(path)
        if config["absent_files"] == "error":
            raise InputError(
                f"{where}: no such file: {path}; correct the path, or set `absent_files: report` in "
                f"{folder}/config.yaml to go on without it"
            )
        absent.append(cell)
        return None

    named = any(row["t1w"] is not None for row in tables["scans"])
    if config["absent_files"] == "error" and named and not data.is_dir() and not config["simulation"]:
        raise InputError(
            f"{folder}/config.yaml: the data folder '{data}' does not exist; set `data`, or make ... DATA=DIR"
        )
    without_images = {row["scan"] for row in tables["scans"] if row["t1w"] is None}
    for row in tables["scans"]:
        row.named = dict(row)
    for table, rows in tables.items():
        columns = [name for name, rule in schemas[table]["properties"].items() if rule.get("x-file")]
        for row in rows:
            for column in columns:
                if row[column] is not None:
                    row[column] = located(row[column], f"{folder}/{table}.tsv, row {row.line}, column '{column}'")
    tables["scans"][:] = [row for row in tables["scans"] if row["t1w"] is not None or row["scan"] in without_images]
    tables["scans"] += _further_scans(tables["scans"], config, schemas["scans"])
    take_drawings(tables, config, schemas["region_review"])
    config["ensemble"]["members"] = [
        path
        for member in config["ensemble"]["members"]
        if (path := located(member, f"{folder}/config.yaml, ensemble.members")) is not None
    ]
    if config["published"] is not None:
        published = data / config["published"]
        if not published.is_dir():
            absent.append(f"{config['published']}/")
        config["published"] = str(published) if published.is_dir() else None
    _drop_readings_without_scan(folder, tables, config, absent)
    kept = {row["scan"] for row in tables["scans"]}
    for table in ("readings", "scores", "sparcc_sheets"):
        tables[table][:] = [row for row in tables[table] if row["scan"] in kept]
    return absent


def _drop_readings_without_scan(folder: Path, tables: dict[str, list[dict]], config: dict, absent: list[str]) -> None:
    """Refuse or list readings whose scan lacks the STIR, or the normal marrow that a preliminary segmentation needs.

    An open reading stays where nobody has drawn the normal marrow yet.
    """
    scans = {row["scan"]: row for row in tables["scans"]}
    kept = []
    for row in tables["readings"]:
        of_count = scans.get(row["scan"], {}).get("voxel_mm3") and row["vhi_voxels"] is not None
        needed = [] if of_count else ["stir"]
        if row["method"] == "semiautomatic" and (row["mask"] is not None or row["vhi_voxels"] is None):
            drawn = config["normal_marrow"]["source"] == "drawn" and config["limits"]["rule"] != "disease_region"
            needed += ["normal_marrow"] if drawn else []
        lacks = [column for column in needed if row["scan"] in scans and scans[row["scan"]][column] is None]
        is_open = row["mask"] is None and row["vhi_voxels"] is None
        if not lacks or (lacks == ["normal_marrow"] and is_open and not scans[row["scan"]].named.get("normal_marrow")):
            kept.append(row)
        elif config["absent_files"] == "error":
            raise InputError(
                f"{folder}/readings.tsv, row {row.line}: the {row['method']} reading of scan {row['scan']} by {row['reader']} needs "
                f"{' and '.join(lacks)}, which scans.tsv leaves empty; add it there, or take the reading out"
            )
        else:
            absent.append(
                f"the {row['method']} reading of scan {row['scan']} by {row['reader']}: no {' and no '.join(lacks)}"
            )
    tables["readings"][:] = kept


def _further_scans(scans: list[dict], config: dict, schema: dict) -> list[dict]:
    """Rows for the T1w scans that match a pattern of `further_scans` and are not in scans.tsv."""
    known = {row["scan"] for row in scans}
    rows = []
    for session, pattern in config["further_scans"].items():
        for scan, path in found(pattern, config["data"]):
            if scan not in known:
                # ASSUME which scans belong to one subject is not published for these: each stands for itself.
                cells = {"scan": scan, "subject": scan, "session": session, "repeat": 1, "t1w": path, "role": "apply"}
                rows.append(Row(schema, cells))
                known.add(scan)
    return rows


def found(pattern: str, data: str) -> list[tuple[str, str]]:
    """Files that match a pattern with one `*`: (what the star stands for, path), sorted."""
    name = re.compile(re.escape(pattern).replace(r"\*", "([A-Za-z0-9_-]+)"))
    paths = [(path, name.fullmatch(path.relative_to(data).as_posix())) for path in sorted(Path(data).glob(pattern))]
    return [(match[1], str(path)) for path, match in paths if match]
