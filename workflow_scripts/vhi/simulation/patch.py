"""How a patch of normal marrow and a disease region are outlined: by somebody who sees the scan, not the truth."""

import numpy as np
from scipy.ndimage import gaussian_filter, zoom

from vhi.simulation.visit import coordinates

# ASSUME A hand strays by this much from an outline (standard deviation), within a patch of this size; two raters of one
# region then reach a Dice of about 0.95.
RATER_MM, STRAYS_OVER_MM = 0.5, 8.0

EDGE_MM = 0.9  # half-width over which an outline is looked at

SEEN_MM, STANDS_OUT = 1.0, 3.0  # what an eye averages over, and from how many deviations on it sees a bright spot


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
    x, y, z = coordinates(pose, *np.ogrid[tuple(map(slice, stir.shape))])
    right, up, back = rng.normal(0, (2.0, 3.0, 1.0))
    width, height, thickness = rng.uniform(11, 18), rng.uniform(7, 10), rng.uniform(5.5, 10)
    oval = (((x - right) / width) ** 2 + ((y - 25 - up - 0.2 * z) / height) ** 2 < 1) & (
        np.abs(z + 11 - back) < thickness
    )
    patch = oval & sacral_marrow
    slices = np.flatnonzero(patch.any(axis=(0, 1)))
    if not slices.size:
        return patch
    near = np.s_[:, :, slices[0] : slices[-1] + 1]
    smooth = gaussian_filter(stir[near].astype(np.float32), (SEEN_MM / step[0], SEEN_MM / step[1], 0))
    inside = smooth[patch[near]]
    middle = np.median(inside)
    patch[near] &= smooth < middle + STANDS_OUT * 1.4826 * np.median(np.abs(inside - middle))
    return patch


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
    stray = zoom(rng.standard_normal(coarse), np.array(share.shape) / coarse, order=1, mode="nearest", grid_mode=True)
    soft = gaussian_filter(share, (EDGE_MM / step[0], EDGE_MM / step[1], 0))
    # At the border a straight edge blurred by s falls by 1 / (s sqrt(2 pi)) per mm.
    fall = RATER_MM / (EDGE_MM * np.sqrt(2 * np.pi))
    return soft > np.clip(0.5 + fall * stray / stray.std(), 0.1, 0.9)
