"""From files that were found to rows of scans.tsv: subjects, sessions before and after, one image of each kind."""

import re
from collections.abc import Callable
from pathlib import Path

from vhi.exchange.index_files import Found
from vhi.io.errors import InputError
from vhi.io.images import Image, check_same_grid, read_grid
from vhi.region.resampling import field_of_view_shared

BEFORE = re.compile(r"^(pre|before|baseline|bl|(visit|v|week|wk|month|m|tp)0+)$", re.I)
AFTER = re.compile(r"^(post|after|follow-?up|fu)\d*$", re.I)


def order_sessions(sessions: dict[str, str]) -> tuple[dict[str, str], str]:
    """Tell which session of a subject is before treatment and which after.

    Words decide (pre, baseline, post, follow-up); else the days of acquisition, where all are known; else the labels in
    their natural order. Of more than two sessions the first and the last are taken.

    Parameters
    ----------
    sessions : dict of str
        Day of acquisition (or "") by label.

    Returns
    -------
    order : dict of str
        ``"pre"`` or ``"post"`` by label; labels between are left out.
    by : str
        ``"label"``, ``"date"`` or ``"order of labels"``.
    """
    labels = list(sessions)
    before, after = [name for name in labels if BEFORE.match(name)], [name for name in labels if AFTER.match(name)]
    if len(labels) == 1:
        return {labels[0]: "post" if after else "pre"}, "label" if before or after else "only session"
    if len(before) == 1 and len(after) == 1:
        return {before[0]: "pre", after[0]: "post"}, "label"
    dates = set(sessions.values())
    if all(dates) and len(dates) == len(labels):
        ordered, by = sorted(labels, key=sessions.get), "date"
    else:
        ordered, by = sorted(labels, key=_natural), "order of labels"
    return {ordered[0]: "pre", ordered[-1]: "post"}, by


def scan_rows(found: list[Found], slice_axis: int | None = None) -> tuple[list[dict], list[str]]:
    """Make one row per scan, and say what is in doubt.

    Parameters
    ----------
    found : list of Found
    slice_axis : int, optional
        As in `images.read_scan`.

    Returns
    -------
    rows : list of dict
        ``scan subject session by`` and a `Path` (or None) for each image; ``dicom`` the source of the STIR.
    doubts : list of str
        What was left out or chosen among several, one line each.
    """
    rows, doubts, names = [], [], {}
    by_subject: dict[str, list[Found]] = {}
    for one in found:
        by_subject.setdefault(one.subject, []).append(one)
    for subject in sorted(by_subject, key=_natural):
        name = re.sub(r"[^A-Za-z0-9_-]+", "-", subject).strip("-_")
        if not name or names.setdefault(name.lower(), subject) != subject:
            raise InputError(
                f"subjects '{names.get(name.lower())}' and '{subject}': expected names that differ in letters or digits; rename one"
            )
        files = by_subject[subject]
        scanned = {one.session for one in files if one.image in ("t1w", "stir")}
        sessions = {
            label: max((one.date for one in files if one.session == label), default="") for label in sorted(scanned)
        }
        if not sessions:
            doubts.append(f"subject {subject}: masks without a scan; left out")
            continue
        order, by = order_sessions(sessions)
        for label in sorted(sessions.keys() - order.keys()):
            doubts.append(f"subject {subject}: session '{label}' is neither the first nor the last; left out")
        for label, session in sorted(order.items(), key=lambda item: item[1], reverse=True):
            mine = [one for one in files if one.session == label or (one.session == "" and len(sessions) == 1)]
            row = {"scan": f"{name}_{session}", "subject": name, "session": session, "by": by}
            row |= _one_of_each(mine, row["scan"], slice_axis, doubts)
            if row["t1w"] is None:
                doubts.append(f"scan {row['scan']}: no T1w, on which the disease region is found; left out")
            else:
                rows.append(row)
    return rows, doubts


def doubtful_subjects(found: list[Found]) -> list[str]:
    """Subjects that may be one patient under two names, and those that are called as people are.

    Parameters
    ----------
    found : list of Found

    Returns
    -------
    list of str
        One line each, with what to do.
    """
    images: dict[str, set[str]] = {}
    for one in found:
        images.setdefault(one.subject, set()).add(one.image)
    lines, subjects = [], sorted(images, key=_natural)
    for place, first in enumerate(subjects):
        for second in subjects[place + 1 :]:
            low, high = (re.sub(r"(?<!\d)0+(?=\d)|[^A-Za-z0-9]", "", name).lower() for name in (first, second))
            apart = not any({"t1w", "stir"} <= images[name] for name in (first, second))
            if low == high or (apart and (low.startswith(high) or high.startswith(low))):
                lines.append(
                    f"subjects {first} and {second}: taken as two; if they are one patient, rename the files or say how names are "
                    "made (PATTERN), and index again"
                )
    for name in subjects:
        if re.fullmatch(r"[^\W\d_]{3,}([ _-][^\W\d_]+)*", name):
            lines.append(
                f"subject {name}: looks like a person's name; it would stand in tables, pages and exports. Replace it by a code in "
                "the names of files and folders, and index again"
            )
    return lines


def geometry(row: dict, slice_axis: int | None = None) -> tuple[dict, list[str]]:
    """Check the grids of a scan's images.

    Returns
    -------
    facts : dict
        ``slices rows columns spacing_mm same_grid shared`` (share of the T1w's field of view that the STIR covers); for
        an unreadable T1w, nothing.
    problems : list of str
        One line each, beginning with the file.
    """
    grids, problems = {}, []
    for image in ("t1w", "stir", "normal_bone", "disease_region", "disease_region_corrected"):
        if row.get(image):
            try:
                grids[image] = read_grid(row[image], slice_axis)
            except InputError as error:
                problems.append(str(error))
    if "t1w" not in grids:
        return {}, problems
    t1w = grids["t1w"]
    slices, rows, columns = t1w.volume.shape
    facts = {"slices": slices, "rows": rows, "columns": columns}
    facts["spacing_mm"] = " x ".join(f"{step:.3g}" for step in t1w.spacing_mm)
    if slices < 5:
        problems.append(f"{row['t1w']}: {slices} slices; is that the whole pelvis?")
    if "stir" in grids:
        facts["same_grid"] = _same(t1w, grids["stir"])
        facts["shared"] = field_of_view_shared(
            t1w.affine, t1w.volume.shape, grids["stir"].affine, grids["stir"].volume.shape
        )
        if facts["shared"] < 0.5:
            problems.append(
                f"{row['stir']}: covers {100 * facts['shared']:.0f} % of the field of view of {row['t1w']}: expected two scans of one "
                "pelvis in one session; check that they belong together"
            )
    for image, reference in (("normal_bone", "stir"), ("disease_region", "t1w"), ("disease_region_corrected", "t1w")):
        if image in grids and reference in grids and not _same(grids[image], grids[reference]):
            problems.append(f"{row[image]}: on another grid than {row[reference]}; draw or resample it on that grid")
    return facts, problems


def merged_table(text: str, rows: list[dict[str, str]]) -> tuple[str, int, int]:
    """Add to a table what it does not hold: new scans as rows, and cells that were empty. Nothing filled is changed.

    Parameters
    ----------
    text : str
        Of scans.tsv.
    rows : list of dict
        Cells by column.

    Returns
    -------
    text : str
    added, filled : int
        Rows and cells.
    """
    new = {row["scan"]: row for row in rows}
    lines, header, filled = [], None, 0
    for line in text.splitlines():
        cells = line.split("\t")
        if not line.strip() or line.startswith("#"):
            pass
        elif header is None:
            header = cells
        elif len(cells) == len(header) and cells[header.index("scan")] in new:
            row = new.pop(cells[header.index("scan")])
            for place, column in enumerate(header):
                if cells[place] == "" and row.get(column):
                    cells[place], filled = row[column], filled + 1
            line = "\t".join(cells)
        lines.append(line)
    lines += ["\t".join(row.get(column) or "" for column in header) for row in new.values()]
    return "\n".join(lines) + "\n", len(new), filled


def _one_of_each(files: list[Found], scan: str, slice_axis: int | None, doubts: list[str]) -> dict:
    """Choose one file per image: a scan on the grid of its partner before others, then the last by name."""
    candidates: dict[str, list[Found]] = {}
    for one in files:
        candidates.setdefault(one.image, []).append(one)
    stir = _chosen(candidates.get("stir", []), None, scan, "STIR", doubts, slice_axis)
    t1w = _chosen(candidates.get("t1w", []), stir, scan, "T1w", doubts, slice_axis)
    row = {"t1w": t1w and t1w.path, "stir": stir and stir.path, "dicom": stir.dicom if stir else ()}
    for image in ("normal_bone", "disease_region", "disease_region_corrected"):
        reference = stir if image == "normal_bone" else t1w
        mask = _chosen(candidates.get(image, []), reference, scan, image, doubts, slice_axis)
        row[image] = mask and mask.path
    return row


def _chosen(
    files: list[Found], partner: Found | None, scan: str, what: str, doubts: list[str], slice_axis: int | None
) -> Found | None:
    if len(files) < 2:
        return files[0] if files else None
    ordered = sorted(files, key=lambda one: _natural(str(one.path)))
    fits: Callable[[Found], bool] = lambda one: partner is not None and _on_one_grid(one.path, partner.path, slice_axis)  # noqa: E731
    best = next((one for one in reversed(ordered) if fits(one)), ordered[-1])
    others = ", ".join(str(one.path) for one in ordered if one is not best)
    doubts.append(f"scan {scan}: {len(files)} files for {what}; took {best.path}, not {others}")
    return best


def _on_one_grid(path: Path, other: Path, slice_axis: int | None) -> bool:
    try:
        return _same(read_grid(path, slice_axis), read_grid(other, slice_axis))
    except InputError:
        return False


def _same(image: Image, reference: Image) -> bool:
    try:
        check_same_grid(image, reference)
    except InputError:
        return False
    return True


def _natural(text: str) -> list:
    return [(0, int(part), "") if part.isdigit() else (1, 0, part.lower()) for part in re.split(r"(\d+)", text) if part]
