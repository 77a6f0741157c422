"""From files that were found to rows of scans.tsv: subjects, sessions before and after, one image of each kind."""

import re

from vhi.exchange.index_check import natural, on_one_grid
from vhi.exchange.index_files import IMAGES, Found
from vhi.io.errors import InputError

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
        ordered, by = sorted(labels, key=natural), "order of labels"
    return {ordered[0]: "pre", ordered[-1]: "post"}, by


def scan_rows(found: list[Found]) -> tuple[list[dict], list[str]]:
    """Make one row per scan, and say what is in doubt.

    Parameters
    ----------
    found : list of Found

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
    for subject in sorted(by_subject, key=natural):
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
            row |= _one_of_each(mine, row["scan"], doubts)
            if row["t1w"] is None:
                doubts.append(f"scan {row['scan']}: no T1w, on which the disease region is found; left out")
            else:
                rows.append(row)
    return rows, doubts


def _one_of_each(files: list[Found], scan: str, doubts: list[str]) -> dict:
    """Choose one file per image: a scan on the grid of its partner before others, then the last by name."""
    candidates: dict[str, list[Found]] = {}
    for one in files:
        candidates.setdefault(one.image, []).append(one)
    stir = _chosen(candidates.get("stir", []), None, scan, "STIR", doubts)
    t1w = _chosen(candidates.get("t1w", []), stir, scan, "T1w", doubts)
    row = {"t1w": t1w and t1w.path, "stir": stir and stir.path, "dicom": stir.dicom if stir else ()}
    for image in IMAGES[2:]:
        reference = stir if image == "normal_marrow" else t1w
        mask = _chosen(candidates.get(image, []), reference, scan, image, doubts)
        row[image] = mask and mask.path
    return row


def _chosen(files: list[Found], partner: Found | None, scan: str, what: str, doubts: list[str]) -> Found | None:
    if len(files) < 2:
        return files[0] if files else None
    ordered = sorted(files, key=lambda one: natural(str(one.path)))
    fitting = (one for one in reversed(ordered) if partner and on_one_grid(one.path, partner.path))
    best = next(fitting, ordered[-1])
    others = ", ".join(str(one.path) for one in ordered if one is not best)
    doubts.append(f"scan {scan}: {len(files)} files for {what}; took {best.path}, not {others}")
    return best
