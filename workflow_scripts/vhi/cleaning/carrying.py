"""Carry a cleaning over to another preliminary segmentation: what a reader's decisions imply where the limit or the region changed."""

import numpy as np
from scipy import ndimage

from vhi.inflammation import label_regions

KEPT, REMOVED, UNJUDGED = 1, 2, 3
"""What the reader's decisions imply for a voxel of the other segmentation; 0 outside it."""


def carry_over(kept: np.ndarray, judged: np.ndarray, other: np.ndarray, connectivity: int = 8) -> np.ndarray:
    """Say for each voxel of another preliminary segmentation what a cleaning implies.

    Parameters
    ----------
    kept : (slices, rows, columns) array
        What the reader kept; foreground is above 0. Voxels that a reader added outside `judged` stay.
    judged : (slices, rows, columns) array
        The preliminary segmentation that was cleaned; foreground is above 0.
    other : (slices, rows, columns) array
        The other one, on the same grid; foreground is above 0.
    connectivity : int
        Of regions within a slice.

    Returns
    -------
    (slices, rows, columns) uint8 array
        `KEPT`, `REMOVED` or `UNJUDGED` in the other segmentation, else 0. A voxel that was judged keeps its decision. A voxel
        that was not takes the decision of its region, and, where decisions differ within the region, that of the nearest
        judged voxel of the region. A region without any judged voxel is kept where it lies over or under what was kept in
        the neighbouring slices and nothing that was removed: a reader follows a lesion from slice to slice. Otherwise nobody
        judged it.

    Notes
    -----
    For the segmentation that was cleaned the result is what the reader kept, voxel by voxel. A `REMOVED` or `UNJUDGED` voxel
    does not count for V_HI.
    """
    kept, other = np.asarray(kept) > 0, np.asarray(other) > 0
    judged = (np.asarray(judged) > 0) | kept
    regions, count = label_regions(other, connectivity)
    both = other & judged
    numbers = regions[both]
    of_region = np.zeros((count + 1, 2), int)  # voxels removed, voxels kept
    np.add.at(of_region, (numbers, kept[both].astype(int)), 1)
    removed, stays = (of_region > 0).T
    implied = np.select([stays & ~removed, removed & ~stays], [KEPT, REMOVED], UNJUDGED).astype(np.uint8)
    followed = np.setdiff1d(_met(kept, regions), _met(judged & ~kept, regions))
    implied[np.setdiff1d(followed, np.flatnonzero(stays | removed))] = KEPT
    implied[0] = 0
    found = implied[regions]
    found[both] = np.where(kept[both], KEPT, REMOVED)
    boxes = ndimage.find_objects(regions)
    for number in np.flatnonzero(stays & removed):
        box = boxes[number - 1]
        inside, known = regions[box] == number, both[box] & (regions[box] == number)
        nearest = ndimage.distance_transform_edt(~known, return_distances=False, return_indices=True)
        found[box] = np.where(inside, found[box][tuple(nearest)], found[box])
    return found


def _met(mask: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """Number the regions that lie over or under a voxel of the mask, in the slice after or before it."""
    return np.unique(np.concatenate([regions[1:][mask[:-1]], regions[:-1][mask[1:]]]))
