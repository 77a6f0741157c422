"""From files that were found to rows of scans.tsv: subjects, visits in their order, one image of each kind."""

import re

from vhi.exchange.index_check import natural, on_one_grid
from vhi.exchange.index_files import IMAGES, Found
from vhi.io.errors import InputError

BEFORE = re.compile(r"^(pre|before|baseline|bl|(visit|v|week|wk|month|m|tp)0+)$", re.I)
AFTER = re.compile(r"^(post|after|follow-?up|fu)\d*$", re.I)


def order_sessions(sessions: dict[str, str]) -> tuple[dict[str, str], str]:
    """Tell which session of a subject is before treatment and which after.

    Words decide (pre, baseline, post, follow-up); else the days of acquisition, where all are known; else the labels in
    their natural order.

    Parameters
    ----------
    sessions : dict of str
        Day of acquisition (or "") by label, of at most two.

    Returns
    -------
    order : dict of str
        ``"pre"`` or ``"post"`` by label.
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


def order_visits(subjects: dict[str, dict[str, str]]) -> tuple[list[str], dict[str, dict[str, str]], str]:
    """Name and order the visits of a study in which some subject has more than two.

    Parameters
    ----------
    subjects : dict of dict of str
        By subject: day of acquisition (or "") by label.

    Returns
    -------
    visits : list of str
        In their order: by days of acquisition where all are known and all subjects agree, else words for before treatment first,
        words for after it last, and natural order between. Where subjects share no labels, visits are numbered.
    named : dict of dict of str
        Visit by subject and label.
    by : str
        ``"date"`` or ``"order of labels"``.
    """
    clean = {label: re.sub(r"[^A-Za-z0-9]", "", label) for of in subjects.values() for label in of}
    dated = all(all(of.values()) and len(set(of.values())) == len(of) for of in subjects.values())
    most = max(len(of) for of in subjects.values())
    shared = len(clean) <= 2 * most and len({name.lower() for name in clean.values()} - {""}) == len(clean)

    def by_words(label: str) -> tuple:
        return (0 if BEFORE.match(label) else 2 if AFTER.match(label) else 1, natural(label))

    if not shared:
        orders = {name: sorted(of, key=of.get if dated else by_words) for name, of in subjects.items()}
        named = {name: {label: f"visit{n}" for n, label in enumerate(of, 1)} for name, of in orders.items()}
        return [f"visit{n}" for n in range(1, most + 1)], named, "date" if dated else "order of labels"
    ordered, by = sorted(clean, key=by_words), "order of labels"
    if dated:
        places = {label: [] for label in clean}
        for of in subjects.values():
            for place, label in enumerate(sorted(of, key=of.get)):
                places[label].append(place / max(1, len(of) - 1))
        by_date = sorted(clean, key=lambda label: (sum(places[label]) / len(places[label]), by_words(label)))
        rank = {label: place for place, label in enumerate(by_date)}
        if all(sorted(of, key=of.get) == sorted(of, key=rank.get) for of in subjects.values()):
            ordered, by = by_date, "date"
    return (
        [clean[label] for label in ordered],
        {name: {label: clean[label] for label in of} for name, of in subjects.items()},
        by,
    )


def scan_rows(found: list[Found]) -> tuple[list[dict], list[str], list[str]]:
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
    visits : list of str
        Sessions of the study, in their order.
    """
    rows, doubts, names, dated = [], [], {}, {}
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
        dated[name] = {
            label: max((one.date for one in files if one.session == label), default="") for label in sorted(scanned)
        }
        if not scanned:
            doubts.append(f"subject {subject}: masks without a scan; left out")
            del dated[name]
    if max(map(len, dated.values()), default=0) > 2:
        visits, named, how = order_visits(dated)
        orders = {name: (of, how) for name, of in named.items()}
    else:
        visits, orders = ["pre", "post"], {name: order_sessions(of) for name, of in dated.items()}
    for name, (order, by) in orders.items():
        files = by_subject[names[name.lower()]]
        for label, session in sorted(order.items(), key=lambda item: visits.index(item[1])):
            mine = [one for one in files if one.session == label or (one.session == "" and len(order) == 1)]
            row = {"scan": f"{name}_{session}", "subject": name, "session": session, "by": by}
            row |= _one_of_each(mine, row["scan"], doubts)
            if row["t1w"] is None:
                doubts.append(f"scan {row['scan']}: no T1w, on which the disease region is found; left out")
            else:
                rows.append(row)
    return rows, doubts, visits


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
