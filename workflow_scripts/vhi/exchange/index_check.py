"""Check what an index found: subjects that may be one patient, names of people, grids that do not fit."""

import re
from pathlib import Path

from vhi.exchange.index_files import IMAGES, Found
from vhi.io.errors import InputError
from vhi.io.images import Image, check_same_grid, read_grid
from vhi.region.resampling import field_of_view_shared


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
    lines, subjects = [], sorted(images, key=natural)
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


def geometry(row: dict) -> tuple[dict, list[str]]:
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
    for image in IMAGES:
        if row.get(image) and not str(row[image]).endswith(".nrrd"):  # its grid is checked when it is read
            try:
                grids[image] = read_grid(row[image])
            except InputError as error:
                problems.append(str(error))
    if "t1w" not in grids:
        return {}, problems
    t1w = grids["t1w"]
    facts = dict(zip(("slices", "rows", "columns"), t1w.volume.shape, strict=True))
    facts["spacing_mm"] = " x ".join(f"{step:.3g}" for step in t1w.spacing_mm)
    if facts["slices"] < 5:
        problems.append(f"{row['t1w']}: {facts['slices']} slices; is that the whole pelvis?")
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
    for image, reference in (("normal_marrow", "stir"), ("disease_region", "t1w"), ("disease_region_corrected", "t1w")):
        if image in grids and reference in grids and not _same(grids[image], grids[reference]):
            problems.append(f"{row[image]}: on another grid than {row[reference]}; draw or resample it on that grid")
    return facts, problems


def on_one_grid(path: Path, other: Path) -> bool:
    """Whether two files that can be read lie on one grid."""
    try:
        return _same(read_grid(path), read_grid(other))
    except InputError:
        return False


def natural(text: str) -> list:
    """Sort key that takes numbers within a name as numbers: P2 before P10."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part.lower()) for part in re.split(r"(\d+)", text) if part]


def _same(image: Image, reference: Image) -> bool:
    try:
        check_same_grid(image, reference)
    except InputError:
        return False
    return True
