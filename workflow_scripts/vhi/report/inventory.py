"""What a study expects and what of it is there: files of a scan, readings, results of a run.

The Snakefile stands on this module too, so that it needs no scientific package.
"""

from collections.abc import Iterable, Mapping, Sequence

PARTS = {"t1w": "T1w scan", "stir": "STIR scan", "normal_marrow": "patch of normal marrow"}

UNPLANNED = "not planned"

HAVE = ("there", "count only", UNPLANNED)
"""States that need no action: a published count stands in for a mask that is not public; a scan whose row names no STIR ends with its
disease region."""


def expected_parts(
    row: Mapping,
    region_source: str | None,
    readers: Sequence[str],
    read: Mapping[str, str],
    has_stir: bool = True,
    needs_patch: bool = True,
) -> list[dict[str, str]]:
    """List what is expected of a scan, and whether it is there.

    Parameters
    ----------
    row : mapping
        The scan's row of scans.tsv; None for a file that is not named, or absent. With `voxel_mm3`, no image is expected.
    region_source : str or None
        Where the disease region comes from; None where neither a mask nor a network gives one.
    readers : sequence of str
        Readers of the study; each is expected to clean each scan.
    read : mapping
        ``there``, ``count only`` or ``open`` by reader, for the first cleanings that the table names.
    has_stir : bool
        Whether scans.tsv names a STIR. Without one, nothing is planned beyond the disease region.
    needs_patch : bool
        Whether the limits come from a patch of normal marrow.

    Returns
    -------
    list of dict
        ``what state note``, state being ``there``, ``count only``, ``open``, ``missing`` or ``not planned``.
    """
    beyond, lacking = "missing" if has_stir else UNPLANNED, UNPLANNED if row.get("voxel_mm3") else "missing"
    found = [
        {"what": name, "state": "there" if row[part] else lacking if part == "t1w" else beyond, "note": ""}
        for part, name in PARTS.items()
        if needs_patch or part != "normal_marrow"
    ]
    found.append(
        {"what": "disease region", "state": "there" if region_source else lacking, "note": region_source or ""}
    )
    for reader in readers:
        state = read.get(reader, beyond)
        note = "no row in readings.tsv" if state == "missing" else ""
        found.append({"what": f"cleaned by {reader}", "state": state, "note": note})
    return found


def expected_of_scan(plan, scan: str) -> list[dict[str, str]]:
    """Say what a study's plan (`vhi.study.plan.Plan`) expects of a scan, and whether it is there, for the scan's page."""
    read = {row["reader"]: state_of_reading(row) for row in plan.trials_by_scan.of([scan])}
    source = plan.chosen_region(scan)[0] if plan.has_region(scan) else None
    return expected_parts(
        plan.scans[scan], source, plan.config["readers"], read, scan in plan.study.with_stir, plan.needs_patch
    )


def missing_sessions(scans: Iterable[Mapping], visits: Sequence[str] = ("pre", "post")) -> list[str]:
    """Say which subjects lack one of the visits; nothing where no subject of the study has the first and a later one."""
    sessions: dict[str, set] = {}
    for row in scans:
        sessions.setdefault(row["subject"], set()).add(row["session"])
    if not any(visits[0] in found and len(found) > 1 for found in sessions.values()):
        return []
    return [
        f"subject {subject}: no scan of session {session}"
        for subject, found in sessions.items()
        for session in visits
        if session not in found
    ]


def rows_of_summary(summary: str) -> list[dict[str, str]]:
    """Read the table that `snakemake --summary` prints among other lines: every output that the study's tables allow."""
    lines = [line.split("\t") for line in summary.splitlines()]
    start = next((n for n, cells in enumerate(lines) if cells[0] == "output_file"), len(lines))
    rows = [cells for cells in lines[start + 1 :] if len(cells) == len(lines[start])]
    return [dict(zip(lines[start], cells, strict=True)) for cells in rows]


def results_of(summary: str) -> list[dict[str, str]]:
    """Say of every output in a summary of Snakemake how it stands.

    Returns
    -------
    list of dict
        ``what state note``: ``there``; ``missing``; or ``stale``, with the reason in the note.
    """
    found = []
    for row in rows_of_summary(summary):
        state, note = row["status"], ""
        if state == "ok" and row["plan"] == "no update":
            state = "there"
        elif state == "ok":
            state, note = "stale", "something before it is not up to date"
        elif state != "missing":
            state, note = "stale", state
        found.append({"what": row["output_file"], "state": state, "note": note})
    return found


def expected_of_study(study) -> list[dict[str, str]]:
    """List what a study expects beside its results: the parts of each scan, cleanings by each reader, sessions, named files.

    Parameters
    ----------
    study : vhi.study.load.Study

    Returns
    -------
    list of dict
        ``kind what state note``; kinds are ``scan``, ``session`` and ``file``.
    """
    config, scans, found = study.config, study.tables["scans"], []
    networks = bool(study.ensemble or config["ensemble"]["members"] or config["ensemble"]["source"] == "trained")
    wanted = config["disease_region"]["source"]
    with_patch = config["limits"]["rule"] != "disease_region"
    first: dict[str, dict[str, str]] = {}
    for row in study.tables["readings"]:
        if row["method"] == "semiautomatic" and str(row["trial"]) == "1":
            first.setdefault(row["scan"], {})[row["reader"]] = state_of_reading(row)
    for row in scans:
        source = "corrected" if row["disease_region_corrected"] else None
        drawn = "manual" if row["disease_region"] and wanted == "manual_where_present" else None
        source = source or drawn or ("command" if wanted == "command" else "ensemble" if networks else None)
        parts = expected_parts(
            row, source, config["readers"], first.get(row["scan"], {}), row["scan"] in study.with_stir, with_patch
        )
        planned = [part for part in parts if part["state"] != UNPLANNED]
        found += [part | {"kind": "scan", "what": f"{row['scan']}: {part['what']}"} for part in planned]
    lacking = [("session", text, "") for text in missing_sessions(scans, config["sessions"])]
    lacking += [("file", name, "named, absent") for name in study.absent]
    return found + [{"kind": kind, "what": what, "state": "missing", "note": note} for kind, what, note in lacking]


def state_of_reading(row: Mapping) -> str:
    """How far a semi-automatic reading is: ``there`` (a mask or record), ``count only`` (published), or ``open``."""
    if row["mask"] is not None:
        return "there"
    return "open" if row["vhi_voxels"] is None else "count only"
