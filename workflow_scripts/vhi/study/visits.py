"""Visits, sites and arms of a study: checked where tables say more than one thing of them."""

from itertools import pairwise
from pathlib import Path

from vhi.io.errors import InputError


def check_visits(folder: Path, tables: dict[str, list[dict]], config: dict) -> None:
    """Check that scans without images say their voxel, that each subject has one site, and that visits are in order.

    Raises
    ------
    InputError
        With table, row, what was found and what to do.
    """
    sessions, scans = config["sessions"], f"{folder}/scans.tsv"
    chosen = config["response"]["session"]
    if chosen is not None and chosen not in sessions[1:]:
        raise InputError(
            f"{folder}/config.yaml: response.session: found '{chosen}'; expected a visit after the first of `sessions`: "
            f"{', '.join(sessions[1:]) or 'none'}"
        )
    sites: dict[str, dict] = {}
    for row in tables["scans"]:
        if row["t1w"] is None and row["voxel_mm3"] is None:
            raise InputError(
                f"{scans}, row {row.line}: scan {row['scan']} names no T1w; name the file, or, where no image is at hand and its "
                "readings are counts, give voxel_mm3"
            )
        first = sites.setdefault(row["subject"], row)
        if row["site"] != first["site"]:
            raise InputError(
                f"{scans}, row {row.line}: subject {row['subject']} has site '{row['site'] or ''}', in row {first.line} "
                f"'{first['site'] or ''}'; expected one site per subject: correct it, or give the subject two names"
            )
    for table in ("scans", "clinical"):
        _check_order(f"{folder}/{table}.tsv", tables[table], sessions)


def _check_order(path: str, rows: list[dict], sessions: list[str]) -> None:
    """Refuse visits whose days contradict the order of the sessions."""
    dated: dict[str, list[dict]] = {}
    for row in rows:
        if row["date_offset_days"] is not None:
            dated.setdefault(row["subject"], []).append(row)
    for subject, visits in dated.items():
        visits.sort(key=lambda row: sessions.index(row["session"]))
        for before, after in pairwise(visits):
            same = before["session"] == after["session"]
            if not same and after["date_offset_days"] <= before["date_offset_days"]:
                raise InputError(
                    f"{path}, row {after.line}: subject {subject}: session {after['session']} on day {after['date_offset_days']} is "
                    f"not after session {before['session']} on day {before['date_offset_days']} (row {before.line}); correct "
                    f"date_offset_days, or the order of `sessions` in the config ({', '.join(sessions)})"
                )
