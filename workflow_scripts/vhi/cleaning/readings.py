"""Readings of a study with their masks, scan by scan."""

from collections.abc import Iterator, Sequence

import numpy as np

from vhi.cleaning.masks import counted
from vhi.io.images import read_mask

ABOUT = ["scan", "subject", "session", "reader", "trial", "method"]
"""What a table says of a reading."""


def readings_by_scan(
    rows: Sequence[dict], masks: Sequence[str], limit: str = "lower", slice_axis: int | None = None
) -> Iterator[tuple[str, list[dict]]]:
    """Read the masks of one scan after the other.

    Parameters
    ----------
    rows : sequence of dict
        Columns of `ABOUT`, ``has_mask`` and ``vhi_voxels``, one per reading.
    masks : sequence of str
        Files of the rows that have a mask, in their order.
    limit : {"lower", "upper"}
        The limit that makes V_HI of a semi-automatic reading; one drawn by hand has no limits.
    slice_axis : int, optional
        Stored axis that counts slices; None finds it.

    Yields
    ------
    scan : str
    readings : list of dict
        The rows with ``mask``, a (slices, rows, columns) bool array, None where it is not public, and ``voxels``. Readings
        without mask are left out at the upper limit: published counts are at the lower one.
    """
    paths = iter(masks)
    located = [(row, next(paths) if row["has_mask"] else None) for row in rows]
    for scan in dict.fromkeys(row["scan"] for row in rows):
        found = []
        for row, path in located:
            if row["scan"] == scan and (path is not None or limit == "lower"):
                mask = read_reading(path, row["method"], limit, slice_axis) if path is not None else None
                voxels = row["vhi_voxels"] if mask is None else int(np.count_nonzero(mask))
                found.append(row | {"mask": mask, "voxels": voxels})
        if found:
            yield scan, found


def read_reading(path: str, method: str, limit: str, slice_axis: int | None = None) -> np.ndarray:
    """Read one mask as (slices, rows, columns) bool: labels 0 and 1 drawn by hand, else 0, 1, 2, counted from a limit."""
    manual = method == "manual"
    mask = read_mask(path, (0, 1) if manual else (0, 1, 2), slice_axis)
    return counted(mask.volume, "lower" if manual else limit)
