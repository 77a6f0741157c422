"""Steps (iv) and (v): threshold within the disease region, drop very small regions (paper, 2.5.1)."""

import numpy as np
from scipy import ndimage

LOWER, UPPER = 1, 2
"""Labels: lower limit only (yellow in the paper's figures), upper limit too (red)."""


def disease_region_used(
    disease_region: np.ndarray, normal_marrow: np.ndarray, exclude_normal_marrow: bool
) -> np.ndarray:
    """Give the region in which the limits are applied, with the normal marrow taken out if so configured.

    Parameters
    ----------
    disease_region, normal_marrow : (slices, rows, columns) array
        Masks.
    exclude_normal_marrow : bool
        # ASSUME the text says that the disease region excludes the normal marrow (2.5.1, iii); the public masks
        overlap in every scan, and excluding it changes 7 voxels in all. The default follows the masks: False.
    """
    region = np.asarray(disease_region, bool)
    return region & ~np.asarray(normal_marrow, bool) if exclude_normal_marrow else region


def threshold(stir: np.ndarray, region: np.ndarray, lower: float, upper: float) -> np.ndarray:
    """Label the voxels of the region: 1 where lower <= intensity < upper, 2 where intensity >= upper, else 0.

    Parameters
    ----------
    stir : (slices, rows, columns) array
        Intensities.
    region : (slices, rows, columns) bool array
        Disease region.
    lower, upper : float
        Limits in the units of `stir`.

    Returns
    -------
    (slices, rows, columns) uint8 array
    """
    return (region & (stir >= lower)).astype(np.uint8) + (region & (stir >= upper)).astype(np.uint8)


def label_regions(mask: np.ndarray, connectivity: int = 8) -> tuple[np.ndarray, int]:
    """Number the regions of each slice, in order of slice, row and column.

    Parameters
    ----------
    mask : (slices, rows, columns) array
        Foreground is above 0.
    connectivity : int
        Neighbours of a pixel within its slice, 4 or 8.

    Returns
    -------
    regions : (slices, rows, columns) int32 array
        0 outside, 1 to `count` inside.
    count : int
    """
    in_slice = ndimage.generate_binary_structure(2, {4: 1, 8: 2}[connectivity])
    structure = np.zeros((3, 3, 3), bool)
    structure[1] = in_slice  # slices are never joined: the region of a slice is what a reader keeps or removes
    regions, count = ndimage.label(np.ascontiguousarray(np.asarray(mask) > 0), structure)
    return regions, count


def drop_small_regions(labels: np.ndarray, minimum_pixels: int = 4, connectivity: int = 8) -> np.ndarray:
    """Drop regions of fewer than `minimum_pixels` pixels, slice by slice, counted at the lower limit.

    Parameters
    ----------
    labels : (slices, rows, columns) array
        0, 1 (lower limit), 2 (upper limit).
    minimum_pixels : int
        Regions of this size are kept (paper: "regions containing <4 pixels" go).
    connectivity : int
        4 or 8. # ASSUME the paper does not say; the authors' program joins 8 neighbours.

    Returns
    -------
    (slices, rows, columns) uint8 array
    """
    regions, _ = label_regions(labels, connectivity)
    large = np.bincount(regions.ravel()) >= minimum_pixels
    large[0] = False
    return np.where(large[regions], labels, 0).astype(np.uint8)


def survival(
    stir: np.ndarray, region: np.ndarray, floor: float, minimum_pixels: int = 4, connectivity: int = 8
) -> np.ndarray:
    """Find, for every voxel, the highest limit at which it is still in a region of at least `minimum_pixels` pixels.

    One sweep from bright to dark answers every limit at once: steps (iv) and (v) at a limit t keep as many voxels as
    there are values >= t in the result. A region that has reached the minimum never falls below it again at a lower
    limit, so that regions need to be followed only while they are small.

    Parameters
    ----------
    stir : (slices, rows, columns) array
        Intensities.
    region : (slices, rows, columns) bool array
        Disease region.
    floor : float
        The lowest limit that will be asked for.
    minimum_pixels, connectivity : int
        As in `drop_small_regions`.

    Returns
    -------
    (voxels,) array
        Sorted survival values of the voxels that survive at `floor`.
    """
    padded = np.pad(np.asarray(region, bool) & (stir >= floor), ((0, 0), (1, 1), (1, 1)))
    values = np.pad(stir, ((0, 0), (1, 1), (1, 1)))[padded]
    if minimum_pixels <= 1:
        return np.sort(values)
    width = padded.shape[2]
    beside = [-1, 1, -width, width]
    if connectivity == 8:
        beside += [-width - 1, -width + 1, width - 1, width + 1]
    small: dict[int, list[int]] = {}  # voxel -> the voxels of its region, while that is small
    large: set[int] = set()
    survived = []
    places = np.flatnonzero(padded.ravel())
    order = np.argsort(-values, kind="stable")
    for place, value in zip(places[order].tolist(), values[order].tolist(), strict=True):
        joined, touches_large = {place: None}, False
        for step in beside:
            neighbour = place + step
            if neighbour in large:
                touches_large = True
            elif neighbour in small:
                joined.update(dict.fromkeys(small[neighbour]))
        members = list(joined)
        if touches_large or len(members) >= minimum_pixels:
            large.update(members)
            survived.extend([value] * len(members))
            for member in members:
                small.pop(member, None)
        else:
            small.update(dict.fromkeys(members, members))
    return np.sort(np.array(survived, float))


def count_at(survived: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """Count the voxels that survive at each limit, from the sorted result of `survival`."""
    return survived.size - np.searchsorted(survived, limits, side="left")
