"""What stands at the top of the report: what is there, what is missing, and the checksum of it all."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from vhi.io.hashes import checksum_lines, sha256, sha256_of_file
from vhi.io.tables import read_rows
from vhi.report.inventory import HAVE

NAMED = 3
"""So many of a kind are named one by one, more are counted."""


def in_short(rows: Iterable[Mapping], state: str) -> str:
    """Print what is in a state, by folder of the results and by part of the scans; few of a kind are named.

    Parameters
    ----------
    rows : iterable of mapping
        ``kind what state note``.
    state : str

    Returns
    -------
    str
        "" where nothing is in that state.
    """
    groups: dict[str, list[str]] = {}
    for row in rows:
        if row["state"] == state:
            kind, name = _kind_and_name(row)
            groups.setdefault(kind, []).append(name + (f" ({row['note']})" if row["note"] else ""))
    said = []
    for kind, names in sorted(groups.items()):
        counted = f"{kind} ({len(names)})" if kind else f"{len(names)} files"
        few = "; ".join(f"{kind}{': ' if kind else ''}{name}" for name in names)
        said.append(few if len(names) <= NAMED else counted)
    return "; ".join(said)


def _kind_and_name(row: Mapping) -> tuple[str, str]:
    """Folder and name of a result, part and name of a scan; no kind for anything else."""
    if row["kind"] == "result":
        inside = row["what"].split("/")[2 if row["what"].startswith("results/") else 0 :]
        return (inside[0], "/".join(inside[1:])) if len(inside) > 1 else ("", inside[0])
    if row["kind"] == "scan":
        scan, _, part = row["what"].partition(": ")
        return part, scan
    return "", row["what"]


SAID = {
    "missing": "Missing",
    "stale": "Out of date",
    "open": "Open readings",
    "count only": "Published counts in place of masks",
}

SHOWN = (".png", ".html", ".tsv")
"""Figures, pages and tables: what a checksum is given for."""


def with_checksums(rows: Iterable[Mapping]) -> list[dict[str, str]]:
    """Add ``sha256`` to results that are there and shown; "" for everything else."""
    rows = list(rows)
    shown = [row["what"] for row in rows if row["kind"] == "result" and Path(row["what"]).suffix in SHOWN]
    files = {path: sha256_of_file(path) for path in shown if Path(path).is_file()}
    return [dict(row) | {"sha256": files.get(row["what"], "")} for row in rows]


def top_of_report(rows: Sequence[Mapping], simulated: bool) -> dict:
    """What the report says at its top.

    Parameters
    ----------
    rows : sequence of mapping
        ``kind what state note sha256``.
    simulated : bool

    Returns
    -------
    dict
        ``lines`` (what is missing, stale, open or simulated), ``expected`` and ``there`` (counts), ``checksum`` (of the lines
        ``<sha256>  <path>`` of what is shown, as `sha256sum` prints them) and ``shown``.
    """
    lines = (
        ["**Simulated data:** scans, readings and patients are made by a program; no real person."] if simulated else []
    )
    for state, said in SAID.items():
        count = sum(row["state"] == state for row in rows)
        if count:
            lines.append(f"**{said} ({count}):** {in_short(rows, state)}")
    hashed = sorted((row["what"], row["sha256"]) for row in rows if row["sha256"])
    return {
        "lines": lines,
        "expected": len(rows),
        "there": sum(row["state"] in HAVE for row in rows),
        "checksum": sha256(checksum_lines(hashed)),
        "shown": len(hashed),
    }


COLUMNS = ("kind", "what", "state", "note", "sha256")


def read_inventory(path: str | Path) -> list[dict[str, str]]:
    """Read inventory.tsv; no rows where it is absent."""
    return read_rows(path, COLUMNS, "make report writes it again")
