"""Variance of log(V_HI + 1) between readers and between repeated scans, as it depends on V_HI, from a study's own readings."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import nnls

from vhi.statistics.values import first_trials

FEWEST_PAIRS = 5
"""Pairs of readings below which no variance is estimated."""
REACHES = (0.0, 3.0, 10.0, 30.0, 100.0, 300.0)
"""Sizes of a region, in voxels, among which the fit chooses."""


@dataclass(frozen=True)
class Variance:
    """Variance of log(V_HI + 1) of one reading: constant + small / (V_HI + 1 + reach); pairs is what it rests on.

    A constant is what errors in proportion to V_HI give; the second part is what single regions give, which weigh more the
    fewer there are, until V_HI is smaller than a region (`reach` voxels).
    """

    constant: float
    small: float
    reach: float
    pairs: int

    def at(self, voxels: np.ndarray | float) -> np.ndarray | float:
        """Variance of a reading of so many voxels."""
        return self.constant + self.small / (np.asarray(voxels, float) + 1 + self.reach)


def fit_variance(
    squares: np.ndarray, voxels: np.ndarray, known: np.ndarray | float = 0.0, fewest: int = FEWEST_PAIRS
) -> Variance | None:
    """Fit a `Variance` to pairs of readings by weighted least squares with parts that are not negative.

    Parameters
    ----------
    squares : (pairs,) array
        Half the squared difference of log(V_HI + 1): an unbiased estimate of one reading's variance, of one degree of freedom.
    voxels : (pairs,) array
        Geometric mean of V_HI + 1, less 1.
    known : (pairs,) array or float
        Variance that other sources account for; it is taken off.
    fewest : int
        Pairs needed; with fewer, None.

    Notes
    -----
    The variance of such a square is twice the square of its mean, so that the weights are the fitted variances' inverses, from
    the constant fit on, in four rounds (a gamma model with identity link, non-negative). Of `REACHES` that with the least
    gamma deviance is taken.
    """
    squares, voxels = np.asarray(squares, float), np.asarray(voxels, float)
    if len(squares) < fewest:
        return None
    known = np.broadcast_to(np.asarray(known, float), squares.shape)
    least = max(0.01 * squares.mean(), 1e-9)
    fits = []
    for reach in REACHES:
        design = np.column_stack([np.ones_like(voxels), 1 / (voxels + 1 + reach)])
        fitted, found = np.full(len(squares), max(squares.mean(), least)), np.zeros(2)
        for _ in range(4):
            found, _ = nnls(design / fitted[:, None], (squares - known) / fitted)
            fitted = np.maximum(design @ found + known, least)
        fits.append((float((np.log(fitted) + squares / fitted).sum()), reach, *map(float, found)))
    _, reach, constant, small = min(fits)
    return Variance(constant, small, reach, len(squares))


def reader_pairs(readings: pd.DataFrame) -> pd.DataFrame:
    """Pair the readings of one scan: first trials of every two readers, or the trials of the only one.

    Parameters
    ----------
    readings : DataFrame
        ``scan reader trial vhi_voxels``, semi-automatic ones.

    Returns
    -------
    DataFrame
        ``scan square voxels``, one row per scan: the mean over its pairs.
    """
    rows = []
    for scan, group in readings.dropna(subset="vhi_voxels").groupby("scan", sort=False):
        if group["reader"].nunique() > 1:  # two trials of one reader differ less than two readers
            group = group[group["trial"].astype(str) == "1"]
        logs = np.log1p(group["vhi_voxels"].to_numpy(float))
        if len(logs) > 1:  # the mean of half the squared differences of all pairs is the variance with n - 1
            rows.append((scan, logs.var(ddof=1), np.expm1(logs.mean())))
    return pd.DataFrame(rows, columns=["scan", "square", "voxels"])


def scan_pairs(readings: pd.DataFrame) -> pd.DataFrame:
    """Pair the repeats of one subject and session that one reader read first.

    Parameters
    ----------
    readings : DataFrame
        ``subject session repeat reader trial vhi_voxels`` and any columns whose names begin with ``sd_log_``.

    Returns
    -------
    DataFrame
        ``subject session reader square voxels known``: the variance between repeats, and the mean of the squared ``sd_log_``
        columns.
    """
    first = first_trials(readings).dropna(subset="vhi_voxels")
    parts = [column for column in first if column.startswith("sd_log_")]
    rows = []
    for key, group in first.groupby(["subject", "session", "reader"], sort=False):
        logs = np.log1p(group["vhi_voxels"].to_numpy(float))
        if len(logs) > 1:
            known = float((group[parts].fillna(0) ** 2).sum(axis=1).mean()) if parts else 0.0
            rows.append((*key, logs.var(ddof=1), np.expm1(logs.mean()), known))
    return pd.DataFrame(rows, columns=["subject", "session", "reader", "square", "voxels", "known"])
