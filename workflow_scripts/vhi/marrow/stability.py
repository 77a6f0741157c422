"""How far the brightest voxel of the normal-marrow patch decides the preliminary segmentation."""

import numpy as np
import pandas as pd

from vhi.inflammation import count_at, survival
from vhi.marrow.limits import LimitRule, find_limits, limits_without_brightest

UNSTABLE_PERCENT = 25
"""Change of the preliminary voxels without the brightest voxel of the patch, from which the limits hang on it."""
FEW_MARROW = 100
"""Voxels of normal marrow below which quartiles say little."""


def preliminary_counts(
    stir: np.ndarray,
    region: np.ndarray,
    intensities: np.ndarray,
    rule: LimitRule,
    minimum_pixels: int,
    connectivity: int,
) -> pd.DataFrame:
    """Count the sensitive preliminary voxels for the patch as drawn and without its brightest voxel.

    Parameters
    ----------
    stir : (slices, rows, columns) array
        Intensities.
    region : (slices, rows, columns) bool array
        Disease region.
    intensities : (voxels,) array
        Of the normal marrow.
    rule : LimitRule
    minimum_pixels, connectivity : int
        Of step (v).

    Returns
    -------
    DataFrame
        Columns ``patch lower upper preliminary_voxels change_percent``; rows `as drawn` and `without the brightest voxel`.
    """
    drawn, rest = find_limits(intensities, rule), limits_without_brightest(intensities, rule)
    without = (rest.lower, rest.upper) if rest else (np.nan, np.nan)
    rows = [("as drawn", drawn.lower, drawn.upper), ("without the brightest voxel", *without)]
    frame = pd.DataFrame(rows, columns=["patch", "lower", "upper"])
    survived = survival(stir, region, frame["lower"].min(), minimum_pixels, connectivity)
    frame["preliminary_voxels"] = [
        float(count_at(survived, limit)) if np.isfinite(limit) else np.nan for limit in frame["lower"]
    ]
    as_drawn = frame["preliminary_voxels"].iloc[0]
    frame["change_percent"] = 100 * (frame["preliminary_voxels"] / as_drawn - 1) if as_drawn else np.nan
    return frame
