"""The plane between left and right, from the symmetry of the disease region and the T1w scan."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter, zoom
from scipy.optimize import minimize

BLUR_MM = 3.0  # ASSUME Details finer than this are not symmetric in any pelvis.
COARSE_MM = 2.4  # in-plane step of the search
TILT = 0.15  # largest slope of the plane, mm per mm: a patient lies within about 9 degrees of straight


@dataclass(frozen=True)
class Midline:
    """The plane between left and right: column = middle + per_row * row + per_slice * slice.

    Attributes
    ----------
    middle : float
        Column at slice 0, row 0.
    per_row, per_slice : float
        Columns by which the plane moves from a row or slice to the next.
    """

    middle: float
    per_row: float
    per_slice: float

    def columns(self, slices: int, rows: int) -> np.ndarray:
        """Give the plane's column at each slice and row: (slices, rows)."""
        return self.middle + self.per_slice * np.arange(slices)[:, None] + self.per_row * np.arange(rows)


def find_midline(t1w: np.ndarray, region: np.ndarray, spacing_mm: tuple[float, float, float]) -> Midline:
    """Find the plane about which region and T1w scan are most symmetric.

    Parameters
    ----------
    t1w : (slices, rows, columns) array
        In presentation order.
    region : (slices, rows, columns) array of bool
        The disease region; must mark a voxel.
    spacing_mm : tuple of float
        Distance between slices, rows and columns.

    Returns
    -------
    Midline
    """
    factors = (1, *(min(1.0, spacing / COARSE_MM) for spacing in spacing_mm[1:]))
    blur = (0, *(BLUR_MM / spacing for spacing in spacing_mm[1:]))
    bone = t1w * region / max(float(np.mean(t1w[region])), 1e-9)
    pictures = [zoom(gaussian_filter(part.astype(np.float32), blur), factors, order=1) for part in (region, bone)]
    shape = pictures[0].shape
    rows, columns = (np.linspace(0, size - 1, coarse) for size, coarse in zip(region.shape[1:], shape[1:], strict=True))
    scale = (region.shape[2] - 1) / (shape[2] - 1)
    centre = np.argwhere(region).mean(axis=0)
    # Only rows of the region count: elsewhere there is nothing to compare.
    weight = region.any(axis=2)[:, np.rint(rows).astype(int)][:, :, None]

    def differing(of):
        offset, tilt, turn = of
        plane = centre[2] + offset / spacing_mm[2] + tilt * spacing_mm[1] / spacing_mm[2] * (rows - centre[1])
        plane = plane + turn * spacing_mm[0] / spacing_mm[2] * (np.arange(shape[0])[:, None] - centre[0])
        mirrored = (2 * plane[:, :, None] - columns) / scale
        low = np.clip(np.floor(mirrored).astype(int), 0, shape[2] - 2)
        part = np.clip(mirrored - low, 0, 1)
        total = 0.0
        for picture in pictures:
            other = np.take_along_axis(picture, low, 2) * (1 - part) + np.take_along_axis(picture, low + 1, 2) * part
            total += float((weight * (picture - other) ** 2).mean())
        return total + 1e3 * sum(max(0.0, abs(slope) - TILT) ** 2 for slope in (tilt, turn))

    starts = [(offset, 0.0, 0.0) for offset in np.arange(-18, 19, 3)]
    best = min(starts, key=differing)
    simplex = np.array([best, *(np.array(best) + np.diag((2.0, 0.04, 0.04)))])
    offset, tilt, turn = minimize(differing, best, method="Nelder-Mead", options={"initial_simplex": simplex}).x
    per_row, per_slice = (
        slope * spacing / spacing_mm[2] for slope, spacing in zip((tilt, turn), spacing_mm[1::-1], strict=True)
    )
    return Midline(
        float(centre[2] + offset / spacing_mm[2] - per_row * centre[1] - per_slice * centre[0]),
        float(per_row),
        float(per_slice),
    )
