"""How far the normal-marrow patch decides the preliminary segmentation."""

import numpy as np
import pandas as pd

from vhi.errors import InputError
from vhi.inflammation import count_at, survival
from vhi.limits import LimitRule, find_limits, without_brightest


def preliminary_counts(
    stir: np.ndarray,
    region: np.ndarray,
    intensities: np.ndarray,
    resampled: np.ndarray,
    rule: LimitRule,
    minimum_pixels: int,
    connectivity: int,
) -> pd.DataFrame:
    """Count the sensitive preliminary voxels for the patch as drawn, without its brightest voxel, and resampled.

    Parameters
    ----------
    stir : (slices, rows, columns) array
        Intensities.
    region : (slices, rows, columns) bool array
        Disease region.
    intensities : (voxels,) array
        Of the normal marrow.
    resampled : (draws, 2) array
        Limits of resampled normal marrow, from `bootstrap_limits`.
    rule : LimitRule
    minimum_pixels, connectivity : int
        Of step (v).

    Returns
    -------
    DataFrame
        Columns ``patch lower upper preliminary_voxels change_percent``; rows `as drawn`, `without the brightest voxel`,
        and the bootstrap's 2.5, 50 and 97.5 % quantiles, each quantile of each column by itself.
    """
    drawn = find_limits(intensities, rule)
    try:
        rest = find_limits(without_brightest(intensities), rule)
        without = (rest.lower, rest.upper)
    except InputError:
        without = (np.nan, np.nan)
    lowest = np.nanmin([drawn.lower, without[0], *resampled[:, 0]])
    survived = survival(stir, region, lowest, minimum_pixels, connectivity)
    rows = [("as drawn", drawn.lower, drawn.upper), ("without the brightest voxel", *without)]
    frame = pd.DataFrame(rows, columns=["patch", "lower", "upper"])
    frame["preliminary_voxels"] = [
        float(count_at(survived, limit)) if np.isfinite(limit) else np.nan for limit in frame["lower"]
    ]
    if len(resampled):
        table = np.column_stack([resampled, count_at(survived, resampled[:, 0])])
        for share, values in zip((2.5, 50, 97.5), np.quantile(table, [0.025, 0.5, 0.975], axis=0), strict=True):
            frame.loc[len(frame)] = [f"bootstrap {share:g} %", *values]
    as_drawn = frame["preliminary_voxels"].iloc[0]
    frame["change_percent"] = 100 * (frame["preliminary_voxels"] / as_drawn - 1) if as_drawn else np.nan
    return frame
