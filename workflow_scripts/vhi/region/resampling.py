"""Carry a disease region from the grid of one sequence onto that of another, by their affines."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from vhi.io.errors import InputError
from vhi.io.images import Image, check_same_grid
from vhi.statistics.overlap import dice


@dataclass(frozen=True)
class Carried:
    """A region on another grid, and what the change of grid did to it.

    Attributes
    ----------
    region : (slices, rows, columns) uint8 array
        On the new grid, in its presentation order.
    returned_dice : float
        Dice of the region with itself, carried there and back: what the coarser of the two grids cannot hold.
    outside_share : float
        Share of the region's voxels whose centres lie outside the field of view of the new grid.
    volume_ratio : float
        Volume on the new grid by the volume on the old one, within the new field of view; NaN where nothing is within.
    """

    region: np.ndarray
    returned_dice: float
    outside_share: float
    volume_ratio: float


def carry(
    region: np.ndarray, affine: np.ndarray, onto_affine: np.ndarray, onto_shape: tuple[int, int, int]
) -> np.ndarray:
    """Carry a region onto another grid: linear interpolation of the mask at the new voxels' centres, above one half.

    # ASSUME the paper's sequences share one grid, so that it says nothing of this. Linear interpolation keeps the outline
    smooth across thick slices, where the nearest voxel would leave steps of a slice. A voxel reaches half a step beyond
    its centre, and so does the field of view.

    Parameters
    ----------
    region : (slices, rows, columns) array
        Foreground is above 0.
    affine : (4, 4) array
        Of the region: indices to mm.
    onto_affine : (4, 4) array
        Of the grid that it is carried to.
    onto_shape : tuple of int
        Of that grid.

    Returns
    -------
    (slices, rows, columns) uint8 array
    """
    to_region = np.linalg.inv(affine) @ np.asarray(onto_affine, float)
    found = ndimage.affine_transform(
        (np.asarray(region) > 0).astype(np.float32),
        to_region[:3, :3], offset=to_region[:3, 3], output_shape=tuple(onto_shape), order=1, mode="nearest",
    )  # fmt: skip
    return ((found > 0.5) & _inside(to_region, onto_shape, np.shape(region))).astype(np.uint8)


def carry_and_report(
    region: np.ndarray, affine: np.ndarray, onto_affine: np.ndarray, onto_shape: tuple[int, int, int]
) -> Carried:
    """Carry a region onto another grid (as `carry`), and measure what that did to it.

    Returns
    -------
    Carried
    """
    region = np.asarray(region) > 0
    carried = carry(region, affine, onto_affine, onto_shape)
    returned = carry(carried, onto_affine, affine, region.shape)
    within = region & _inside(np.linalg.inv(onto_affine) @ affine, region.shape, onto_shape)
    voxel, onto_voxel = (abs(np.linalg.det(np.asarray(grid)[:3, :3])) for grid in (affine, onto_affine))
    voxels = np.count_nonzero(region)
    return Carried(
        carried,
        returned_dice=dice(within, returned),
        outside_share=float(1 - np.count_nonzero(within) / voxels) if voxels else 0.0,
        volume_ratio=float(carried.sum() * onto_voxel / (np.count_nonzero(within) * voxel)) if within.any() else np.nan,
    )


def field_of_view_shared(
    affine: np.ndarray, shape: tuple[int, ...], other_affine: np.ndarray, other_shape: tuple[int, ...]
) -> float:
    """Share of a grid's voxels that lie within the field of view of another grid, from every eighth of them."""
    thinned = np.asarray(affine, float) @ np.diag([1, *(8 if size > 16 else 1 for size in shape[1:]), 1])
    places = tuple(-(-size // 8) if axis and size > 16 else size for axis, size in enumerate(shape))
    return float(_inside(np.linalg.inv(other_affine) @ thinned, places, other_shape).mean())


def _inside(to_index: np.ndarray, shape: tuple[int, ...], index_shape: tuple[int, ...]) -> np.ndarray:
    """Tell which voxels of a grid lie within another, whose indices `to_index` gives: a bool array of `shape`."""
    inside = np.ones(shape, bool)
    for axis, size in enumerate(index_shape):
        # One axis at a time, from three vectors that broadcast: the full grid of coordinates would need 100 times more.
        parts = [to_index[axis, other] * np.arange(length) for other, length in enumerate(shape)]
        index = parts[0][:, None, None] + parts[1][:, None] + parts[2] + to_index[axis, 3]
        inside &= (index > -0.5 - 1e-6) & (index < size - 0.5 + 1e-6)
    return inside


def on_one_grid(one: Image, other: Image) -> bool:
    """Tell whether two images have the same grid."""
    try:
        check_same_grid(one, other)
    except InputError:
        return False
    return True


def scan_on_grid_of(scan: Image, other: Image) -> np.ndarray:
    """Give a scan's intensities on the grid of another image, by linear interpolation; as they are where both have one grid."""
    if on_one_grid(scan, other):
        return scan.volume
    to_scan = np.linalg.inv(scan.affine) @ other.affine
    return ndimage.affine_transform(
        scan.volume, to_scan[:3, :3], offset=to_scan[:3, 3], output_shape=other.volume.shape, order=1, mode="nearest"
    )


def on_grid_of(image: Image, region: Image, resample: bool) -> np.ndarray:
    """Give a region on the grid of an image: carried over where `resample`, else it must lie there (otherwise `InputError`).

    A region that lies there already, such as one drawn on the STIR, is carried unchanged.
    """
    if resample:
        return carry(region.volume, region.affine, image.affine, image.volume.shape)
    check_same_grid(region, image)
    return region.volume
