"""Limits of agreement that depend on the mean of the readers, for measures whose spread grows with it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from vhi.statistics.estimates import UNKNOWN, Z, ends
from vhi.statistics.jackknife import jackknife_interval, reason_without_interval
from vhi.statistics.slopes import poisson_lines, with_and_without

BY_MEAN = [
    *("measure", "scale", "unit", "a", "b", "method", "n_scans", "n_subjects", "mean"),
    *("quantity", "estimate", "ci_low", "ci_high", "note"),
]
MEANS = (10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0, 10_000.0, 30_000.0)  # those within the data are given
HALF_NORMAL = np.sqrt(np.pi / 2)  # SD of a normal distribution over its mean absolute deviation


def limits_by_mean(a: np.ndarray, b: np.ndarray, subjects: np.ndarray, at: Sequence[float]) -> list[dict]:
    """Compute 95 % limits of agreement of a - b as functions of the mean of both.

    Parameters
    ----------
    a, b : (n,) array
        Paired measurements, none below 0.
    subjects : (n,) array
        Left out one after the other for the intervals.
    at : sequence of float
        Means for which limits are given.

    Returns
    -------
    list of dict
        ``mean quantity estimate interval`` for ``bias``, ``lower_limit``, ``upper_limit`` at each mean m. All are
        proportional to (m + 1) ** power. The power is the slope of log E|a - b| on log(mean + 1) (quasi-Poisson); the
        differences over (mean + 1) ** power have one mean and one mean absolute deviation, whose product with sqrt(pi / 2)
        is their SD (Bland and Altman 1999, section 3.2, who take straight lines). Intervals by leaving out each subject, of
        limits on the logarithm; none where a limit has the other's sign.

    References
    ----------
    Bland JM, Altman DG. Stat Methods Med Res 1999; 8: 135-160.
    """
    a, b = np.asarray(a, float), np.asarray(b, float)
    size, difference = np.log1p((a + b) / 2), a - b
    found = np.full((1, 3, len(at)), np.nan)
    if a.size >= 3 and difference.any() and np.ptp(size):
        weights = with_and_without(subjects)
        power = poisson_lines(size, np.abs(difference), weights)[:, 1:]
        with np.errstate(all="ignore"):
            scaled = difference / np.exp(power * size)
            total = weights.sum(axis=1, keepdims=True)
            bias = (weights * scaled).sum(axis=1, keepdims=True) / total
            sd = HALF_NORMAL * (weights * np.abs(scaled - bias)).sum(axis=1, keepdims=True) / total
            grown = np.exp(power * np.log1p(np.asarray(at, float)))
            found = np.stack([bias * grown, (bias - Z * sd) * grown, (bias + Z * sd) * grown], axis=1)
    rows = []
    for place, mean in enumerate(at):
        for which, (name, sign) in enumerate((("bias", 0), ("lower_limit", -1), ("upper_limit", 1))):
            estimate, left_out = float(found[0, which, place]), found[1:, which, place]
            interval = _on_logarithm(estimate, left_out, sign) if sign else jackknife_interval(estimate, left_out)
            rows.append({"mean": float(mean), "quantity": name, "estimate": estimate, "interval": interval})
    return rows


def _on_logarithm(estimate, left_out, sign):
    if not (sign * estimate > 0 and (sign * left_out > 0).all()):
        return UNKNOWN
    return tuple(sorted(sign * end for end in jackknife_interval(sign * estimate, sign * left_out, np.log, np.exp)))


def by_mean_table(pairs: pd.DataFrame) -> pd.DataFrame:
    """Give limits of agreement of raw V_HI as functions of the mean, from `vhi.statistics.interobserver.pairs_table`.

    Returns
    -------
    DataFrame
        By `BY_MEAN`, at those of `MEANS` that lie within the means observed.
    """
    rows = []
    raw = pairs[(pairs["measure"] == "V_HI") & (pairs["scale"] == "raw")]
    for key, group in raw.groupby(BY_MEAN[:5], sort=False):
        about = dict(zip(BY_MEAN, key, strict=False)) | {"method": "by_mean", "n_scans": len(group)}
        about["n_subjects"] = group["subject"].nunique()
        at = [mean for mean in MEANS if group["mean"].min() <= mean <= group["mean"].max()]
        for row in limits_by_mean(group["value_a"], group["value_b"], group["subject"], at):
            interval = row.pop("interval")
            note = reason_without_interval(about["n_subjects"], interval[0])
            rows.append(about | row | ends(interval) | {"note": note})
    return pd.DataFrame(rows, columns=BY_MEAN)
