"""Readings of a study with their masks, scan by scan."""

from collections.abc import Iterator, Sequence

import numpy as np

from vhi.cleaning.masks import counted, measure
from vhi.io.images import Image, check_same_grid, read_mask

ABOUT = ["scan", "subject", "session", "reader", "trial", "method"]
"""What a table says of a reading."""
MEASURED = [*ABOUT, "repeat", "source", "vhi_voxels", "vhi_mm3", "lower_only_voxels", "upper_voxels", "regions"]
"""Columns of measurements.tsv."""


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


def measured(
    row: dict, path: str | None, stir: Image | None, limit: str, slice_axis: int | None, connectivity: int
) -> dict:
    """Measure V_HI of one reading.

    Parameters
    ----------
    row : dict
        Columns of `ABOUT`; ``vhi_voxels``, the published count, or None; ``voxel_mm3``, used without a scan.
    path : str, optional
        Its mask; None where a published count stands in.
    stir : Image, optional
        The scan that was read; None where no image is at hand.
    limit : {"lower", "upper"}
        The limit that makes V_HI of a semi-automatic reading.
    slice_axis, connectivity : int
        As in `images.read_mask` and `masks.measure`.

    Returns
    -------
    dict
        `MEASURED`; None for what is not known: a reading drawn by hand has no limits, a count has no labels.
    """
    line = {column: row.get(column) for column in MEASURED} | {"source": "published count"}
    if path is not None:
        manual = row["method"] == "manual"
        mask = read_mask(path, (0, 1) if manual else (0, 1, 2), slice_axis)
        check_same_grid(mask, stir)
        line |= {"source": "mask", **measure(mask.volume, "lower" if manual else limit, connectivity)}
        if manual:  # drawn by hand: no limits, so no labels
            line |= {"lower_only_voxels": None, "upper_voxels": None}
    elif limit != "lower":
        line |= {"source": "not available: the published count is at the lower limit", "vhi_voxels": None}
    if line["vhi_voxels"] is not None:
        line["vhi_mm3"] = line["vhi_voxels"] * (stir.voxel_mm3 if stir else row["voxel_mm3"])
    return line
