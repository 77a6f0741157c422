"""What the mask of another tool means: the segment that is named so, on the grid of its scan."""

import re
from collections.abc import Sequence

import numpy as np

from vhi.cleaning.masks import REASON_LABELS
from vhi.exchange.tool_masks import Drawn
from vhi.inflammation import LOWER, UPPER
from vhi.io import orientation
from vhi.io.errors import InputError
from vhi.io.headers import GRID_TOLERANCE_MM
from vhi.io.images import Image

_REGION = dict.fromkeys(("disease region", "region", "bone", "pelvis"), 1)
MEANT = {
    "normal_marrow": dict.fromkeys(("normal marrow", "marrow", "normal bone"), 1),
    "disease_region": _REGION,
    "disease_region_corrected": dict.fromkeys(("disease region corrected", "corrected"), 1) | _REGION,
    "manual": {"inflammation": 1},
    "semiautomatic": {"inflammation": LOWER, "lower limit": LOWER, "inflammation lower limit": LOWER}
    | {"upper limit": UPPER, "inflammation upper limit": UPPER}
    | {f"removed {reason}": label for label, reason in REASON_LABELS.items()},
}
"""Names of segments that are meant by use, in lower case, and the label that each gives."""


def meant(drawn: Drawn, use: str) -> np.ndarray:
    """Choose what a file means for a use.

    Parameters
    ----------
    drawn : Drawn
    use : str
        Of `MEANT`.

    Returns
    -------
    (i, j, k) array
        Labels: of a file without segments its own; 1 for the only segment; else those of the segments whose names say so.

    Raises
    ------
    InputError
        If no name says which of several segments is meant, or a cleaned mask has segments of unknown names.
    """
    if drawn.labels is not None:
        return drawn.labels
    known = {name: MEANT[use][plain] for name in drawn.segments if (plain := _plain(name)) in MEANT[use]}
    if len(drawn.segments) == 1 and not known:
        known = dict.fromkeys(drawn.segments, 1)
    elsewhere = {name for words in MEANT.values() for name in words}
    others = [name for name in drawn.segments if name not in known and _plain(name) not in elsewhere]
    others = [name for name in others if drawn.segments[name].any()]
    several = len(known) > 1 if use != "semiautomatic" else bool(known and others)
    if not known or several:
        raise InputError(
            f"{drawn.path}: expected one segment, or segments named {_listed(MEANT[use])}, found {_listed(drawn.segments)}; rename "
            "the one that is meant" + (", and remove or rename the others" if several else "")
        )
    out = np.zeros(next(iter(drawn.segments.values())).shape, np.uint8)
    for name in sorted(known, key=known.get):  # the upper limit lies within the lower one where both are whole
        out[drawn.segments[name]] = known[name]
    return out


def on_grid(labels: np.ndarray, affine: np.ndarray, path: str, grids: Sequence[Image]) -> np.ndarray:
    """Put labels onto the first grid of which their voxels are a part, voxel by voxel, without interpolation.

    Parameters
    ----------
    labels : (i, j, k) array
    affine : (4, 4) array
        Their indices to mm.
    path : str
        For messages.
    grids : sequence of Image

    Returns
    -------
    (slices, rows, columns) array
        In presentation order; zeros where the file has no voxels.

    Raises
    ------
    InputError
        If the voxels are those of none of the grids, or some that are marked lie outside of the scan.
    """
    found = []
    for grid in grids:
        to_grid = np.linalg.inv(grid.affine) @ affine
        exact = np.rint(to_grid)
        off = orientation.corner_distance(affine, grid.affine @ exact, labels.shape)
        found.append(off)
        steps = np.abs(exact[:3, :3])
        if off <= GRID_TOLERANCE_MM and (steps.sum(axis=0) == 1).all() and (steps.sum(axis=1) == 1).all():
            marked = np.argwhere(labels)
            index = (marked @ exact[:3, :3].T + exact[:3, 3]).astype(int)
            inside = ((index >= 0) & (index < grid.volume.shape)).all(axis=1)
            if not inside.all():
                raise InputError(
                    f"{path}: {int((~inside).sum())} of {len(marked)} marked voxels lie outside of {grid.path}; was it drawn on "
                    "another scan? Remove them, or draw on this one"
                )
            out = np.zeros(grid.volume.shape, labels.dtype)
            out[tuple(index.T)] = labels[tuple(marked.T)]
            return out
    scans = " and ".join(dict.fromkeys(grid.path for grid in grids))
    raise InputError(
        f"{path}: on another grid than {scans}: its voxels must be those of the scan (within {GRID_TOLERANCE_MM} mm), found "
        f"{min(found):.3g} mm; draw or resample it on the grid of the scan"
    )


def _plain(name: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", name.lower()))


def _listed(names) -> str:
    return ", ".join(f"'{name}'" for name in names)
