"""What the index of a cohort tells its owner: what was found, what is missing, what to do next."""

import shlex
from collections import Counter
from pathlib import Path

SOURCES = {
    "bids": "BIDS dataset: *_T1w, *_acq-STIR_T2w",
    "nifti": "NIfTI files: names with T1w and STIR",
    "dicom": "DICOM series: T1 and STIR or TIRM in the series' name, or their TR, TE and TI",
}
SHOWN, TABLE = 12, 40


def hint(kind: str, notes: list[str]) -> str:
    """What may help where nothing was found."""
    advice = {
        "bids": "; check the suffixes, or KIND=nifti with PATTERN",
        "nifti": "; say how names are made: PATTERN='{subject}/{session}_{image}.nii.gz'",
        "dicom": "; convert the series yourself and index the NIfTI files",
    }[kind]
    return advice + (f". Seen: {'; '.join(notes[:3])}" if notes else "")


def text(
    kind: str, written: str, checked: list[tuple[dict, dict, list[str]]], doubts: list[str], ignored: list[str],
    study: Path, data: Path, resample_needed: bool,
) -> str:  # fmt: skip
    """Write the report of an index.

    Parameters
    ----------
    kind : str
        Of `SOURCES`.
    written : str
        What was written where.
    checked : list of (row, facts, problems)
        Of each scan, as `index_table.geometry` gives them.
    doubts, ignored : list of str
    study, data : Path
        The study's folder, and that of its data.
    resample_needed : bool
        Whether an existing config must be told that grids differ.

    Returns
    -------
    str
    """
    rows = [row for row, _, _ in checked]
    grid = "{slices} x {rows} x {columns}, {spacing_mm}"
    grids = [grid.format_map(facts) for _, facts, _ in checked if facts]
    lines = [written, "", f"Found ({SOURCES[kind]})", f"  data folder: {data}"]
    sessions = {}
    for row in rows:
        sessions.setdefault(row["subject"], set()).add(row["session"])
    lines.append(f"  {len(sessions)} subjects, {len(rows)} scans: {_counts(row['session'] for row in rows)}")
    lines.append(f"  sessions told by {_counts(row['by'] for row in rows)}")
    lines.append("  grids (slices x rows x columns, mm): " + _counts(grids))
    differing = [row["scan"] for row, facts, _ in checked if facts.get("same_grid") is False]
    if differing:
        lines.append(f"  STIR on another grid than T1w: {_some(differing)}")
    lines += _block("Problems, to be mended first", [problem for _, _, problems in checked for problem in problems])
    lines += ["", understood(rows)]
    lines += _block("Chosen or left out; check each", doubts)
    lines += _block("Not understood", ignored)
    missing = []
    for column, words in (
        ("stir", "no STIR (such a scan ends with its disease region)"),
        ("normal_marrow", "no mask of normal marrow (it sets the limits)"),
        ("disease_region", "no drawn disease region (the ensemble finds it)"),
    ):
        without = [row["scan"] for row in rows if not row[column]]
        if without:
            missing.append(f"{len(without)} of {len(rows)} scans: {words}: {_some(without)}")
    single = [subject for subject, found in sessions.items() if len(found) == 1]
    if single:
        missing.append(
            f"{len(single)} of {len(sessions)} subjects have one session only, so that no change is measured: {_some(single)}"
        )
    lines += _block("Missing", missing, len(missing))
    return "\n".join([*lines, "", "Next", *_next(kind, rows, study, data, resample_needed)]) + "\n"


def understood(rows: list[dict]) -> str:
    """Print how the files were understood, as a table of a line per scan.

    Parameters
    ----------
    rows : list of dict
        As `index_table.scan_rows` makes them.

    Returns
    -------
    str
    """
    columns = ["scan", "subject", "session", "told by", *("T1w", "STIR", "normal marrow", "disease region")]
    cells = [
        [row["scan"], row["subject"], row["session"], row["by"]]
        + [row[image].name if row.get(image) else "-" for image in ("t1w", "stir", "normal_marrow", "disease_region")]
        for row in rows[:TABLE]
    ]
    widths = [max(len(line[place]) for line in [columns, *cells]) for place in range(len(columns))]
    lines = ["  " + "  ".join(map(str.ljust, line, widths)).rstrip() for line in [columns, *cells]]
    more = [f"  ... and {len(rows) - TABLE} more scans"] if len(rows) > TABLE else []
    return "\n".join(["Understood; check each line", *lines, *more])


def question(rows: list[dict], doubts: list[str], ignored: list[str], study: Path) -> str:
    """Print what the owner of the scans has to see before a study is written."""
    blocks = _block("Chosen or left out; check each", doubts) + _block("Not understood", ignored)
    return "\n".join([understood(rows), *blocks, "", f"Write this to {study}?"])


def _next(kind: str, rows: list[dict], study: Path, data: Path, resample_needed: bool) -> list[str]:
    name = shlex.quote(study.name if study.parent.name == "config" else f"{study.parent}/{study.name}")
    steps = [f"look through {study / 'scans.tsv'} and {study / 'config.yaml'} (config/README.md explains every key)"]
    if kind == "dicom":
        steps.append(f"keep {data / 'identifiers.tsv'} safe: it alone tells which patient is which subject")
    if resample_needed:
        steps.append("set disease_region.resample: true in the config: a STIR lies on another grid than its T1w")
    unmarked = [row for row in rows if row["stir"] and not row["normal_marrow"]]
    if unmarked:
        row = unmarked[0]
        example = _mask_of(row, kind, data)
        steps.append(
            f"make read STUDY={name}: draw normal marrow in the interforaminal sacrum and check the disease regions, on pages; or "
            f"draw in other software (3D Slicer, ITK-SNAP), save as for example {example}, and index again with UPDATE=yes"
        )
    steps.append(f"make read STUDY={name} TASK=cleaning: the readers clean the preliminary segmentations, on pages")
    steps.append("fill in subjects.tsv, clinical.tsv and scores.tsv where you have them")
    steps.append(f"make run STUDY={name}: V_HI and the statistics")
    return [f"  {number}. {step}" for number, step in enumerate(steps, 1)]


def _mask_of(row: dict, kind: str, data: Path) -> Path:
    stem = row["stir"].name.removesuffix(".gz").removesuffix(".nii")
    if kind != "bids":
        return row["stir"].with_name(f"{stem}_normal_marrow.nii.gz")
    entities = "_".join(part for part in stem.split("_") if part.startswith(("sub-", "ses-")))
    folder = data / "derivatives" / "masks" / row["stir"].parent.relative_to(data)
    return folder / f"{entities}_desc-normalmarrow_mask.nii.gz"


def _counts(names) -> str:
    return "; ".join(f"{name} ({count})" for name, count in Counter(names).most_common())


def _block(heading: str, entries: list[str], shown: int = SHOWN) -> list[str]:
    if not entries:
        return []
    more = [f"  ... and {len(entries) - shown} more"] if len(entries) > shown else []
    return ["", heading, *(f"  {entry}" for entry in entries[:shown]), *more]


def _some(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f", ... ({len(names)} in all)" if len(names) > SHOWN else "")
