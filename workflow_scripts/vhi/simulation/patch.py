"""How a patch of normal marrow and a disease region are outlined: by somebody who sees the scan, not the truth."""

import numpy as np
from scipy.ndimage import gaussian_filter

from vhi.simulation.visit import coordinates

# ASSUME A hand strays by this much from an outline (standard deviation), within a patch of this size; two raters of one
# region then reach a Dice of about 0.95.
RATER_MM, STRAYS_OVER_MM = 0.5, 8.0

EDGE_MM = 0.9  # half-width over which an outline is looked at

SEEN_MM, STANDS_OUT = 1.0, 4.3  # what an eye averages over, and from how many deviations on it sees a bright spot


def draw_patch(
    stir: np.ndarray, sacral_marrow: np.ndarray, pose: np.ndarray, step: tuple[float, float], rng: np.random.Generator
) -> np.ndarray:
    """Outline normal marrow as a radiologist does: an oval in the body of S1 on a few slices, off what is seen to be bright.

    Parameters
    ----------
    stir : numpy.ndarray
        Shape (i, j, k): the scan, noise included. Faint oedema and small vessels that do not stand out from it stay in.
    sacral_marrow : numpy.ndarray
        Same shape, bool: marrow of the sacrum.
    pose : numpy.ndarray
        Shape (4, 4): voxel indices to subject coordinates, mm.
    step : tuple of float
        Size of a voxel along i and j, mm.
    rng : numpy.random.Generator

    Returns
    -------
    numpy.ndarray
        Shape (i, j, k), bool.
    """
    right, up, back = rng.normal(0, (2.0, 3.0, 1.0))
    width, height, thickness = rng.uniform(9, 22), rng.uniform(6, 13), rng.uniform(5, 12)
    middle, reach = (
        np.array([right, 25 + up + 0.2 * (back - 11), back - 11]),
        (width, height + 0.2 * thickness, thickness),
    )
    box = _index_range(pose, middle, np.array(reach), stir.shape)
    x, y, z = coordinates(pose, *np.ogrid[box])
    oval = (((x - right) / width) ** 2 + ((y - 25 - up - 0.2 * z) / height) ** 2 < 1) & (
        np.abs(z + 11 - back) < thickness
    )
    patch = np.zeros(stir.shape, dtype=bool)
    patch[box] = oval & sacral_marrow[box]
    if patch.any():
        # Enough of a margin that no edge of the box shows in what the eye averages over.
        wide = (*(slice(max(0, s.start - 12), s.stop + 12) for s in box[:2]), box[2])
        smooth = gaussian_filter(stir[wide].astype(np.float32), (SEEN_MM / step[0], SEEN_MM / step[1], 0))
        inside = smooth[patch[wide]]
        level = np.median(inside)
        patch[wide] &= smooth < level + STANDS_OUT * 1.4826 * np.median(np.abs(inside - level))
    return patch


def _index_range(pose, middle, reach, shape):
    """Give the box of indices that holds all voxels within `reach` of a point along the subject's axes."""
    inverse = np.linalg.inv(pose.astype(float))
    centre, extent = inverse[:3, :3] @ middle + inverse[:3, 3], np.abs(inverse[:3, :3]) @ reach
    low, high = np.floor(centre - extent).astype(int), np.ceil(centre + extent).astype(int) + 1
    return tuple(slice(max(0, a), min(max(b, 0), size)) for a, b, size in zip(low, high, shape, strict=True))


def outline_region(share: np.ndarray, step: tuple[float, float, float], rng: np.random.Generator) -> np.ndarray:
    """Outline bone by hand: the true border, from which the hand strays smoothly.

    Parameters
    ----------
    share : numpy.ndarray
        Shape (i, j, k), float32: share of each voxel that lies in the region.
    step : tuple of float
        Size of a voxel, mm.
    rng : numpy.random.Generator

    Returns
    -------
    numpy.ndarray
        Shape (i, j, k), bool.
    """
    coarse = [max(2, round(size * by / STRAYS_OVER_MM)) for size, by in zip(share.shape, step, strict=True)]
    stray = rng.standard_normal(coarse).astype(np.float32)
    for axis, size in enumerate(share.shape):
        stray = _stretch(stray, axis, size)
    region = np.zeros(share.shape, dtype=bool)
    margin = [round(4 * EDGE_MM / by) + 1 for by in step[:2]]
    box = (*(_span(share.any(axis=(1 - axis, 2)), margin[axis]) for axis in (0, 1)), slice(None))
    soft = gaussian_filter(share[box], (EDGE_MM / step[0], EDGE_MM / step[1], 0))
    # At the border a straight edge blurred by s falls by 1 / (s sqrt(2 pi)) per mm.
    fall = np.float32(RATER_MM / (EDGE_MM * np.sqrt(2 * np.pi)) / stray.std())
    region[box] = soft > np.clip(np.float32(0.5) + fall * stray[box], 0.1, 0.9)
    return region


def _stretch(field, axis, size):
    """Interpolate linearly along an axis to `size` points."""
    count = field.shape[axis]
    place = np.clip((np.arange(size) + 0.5) * count / size - 0.5, 0, count - 1)
    first = np.minimum(place.astype(int), count - 2)
    share = (place - first).astype(np.float32).reshape([-1 if one == axis else 1 for one in range(field.ndim)])
    return field.take(first, axis) * (1 - share) + field.take(first + 1, axis) * share


def _span(flags, margin):
    found = np.flatnonzero(flags)
    return slice(max(0, int(found[0]) - margin), int(found[-1]) + 1 + margin) if found.size else slice(0, 0)
