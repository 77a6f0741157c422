"""Repeatability of V_HI from subjects who were scanned again without change."""

import numpy as np
import pandas as pd

from vhi.statistics.jackknife import jackknife_interval, reason_without_interval, without_each
from vhi.statistics.values import first_trials, on_scale, unit_on

COLUMNS = [
    *("scale", "unit", "reader", "n_pairs", "n_subjects", "mean_difference", "sd_within"),
    *("repeatability_coefficient", "ci_low", "ci_high", "note"),
]
"""Columns of repeatability.tsv."""


def repeatability(measurements: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Compute the repeatability coefficient of V_HI, of each reader and of the readers' mean.

    Parameters
    ----------
    measurements : DataFrame
        Of `6_cleaning`; first trials count.
    unit : {"voxels", "mm3"}
        Of the raw scale.

    Returns
    -------
    DataFrame
        `COLUMNS`, on the raw scale and on log(V_HI + 1). The coefficient is 1.96 sqrt(2) times the standard deviation within
        subjects: 95 % of the differences of two scans without change are smaller. It holds all that changes from scan to scan
        (position, coils, noise, patch, disease region and the reader's passing view) and is the smallest detectable change of one
        reader. The 95 % interval leaves out one subject after the other, on its logarithm.

    References
    ----------
    Bland JM, Altman DG. Stat Methods Med Res 1999; 8: 135-160. Raunig DL et al. Stat Methods Med Res 2015; 24: 27-67.
    """
    first = first_trials(measurements[measurements["method"] == "semiautomatic"]).dropna(subset="vhi_voxels")
    rows = []
    for scale in ("raw", "log"):
        values = first.assign(value=on_scale(first[f"vhi_{unit}"].astype(float), scale))
        wide = values.pivot_table(index=["subject", "session", "repeat"], columns="reader", values="value")
        wide = wide.assign(mean=wide.mean(axis=1, skipna=False)) if wide.shape[1] > 1 else wide
        for reader in wide:
            pairs = _within(wide[reader].dropna())
            rows.append({"scale": scale, "unit": unit_on(scale, unit), "reader": reader} | _coefficient(pairs))
    return pd.DataFrame(rows, columns=COLUMNS)


def _within(values: pd.Series) -> pd.DataFrame:
    """Variance within each subject and session that has repeats, its degrees of freedom, and last less first."""
    groups = values.groupby(level=["subject", "session"], sort=False)
    found = pd.DataFrame({"n": groups.size(), "variance": groups.var(ddof=1), "shift": groups.last() - groups.first()})
    return found[found["n"] > 1].reset_index()


def _coefficient(pairs: pd.DataFrame) -> dict:
    squares, df = (pairs["variance"] * (pairs["n"] - 1)).to_numpy(), (pairs["n"] - 1).to_numpy()

    def of(kept):
        return 1.96 * np.sqrt(2 * squares[kept].sum() / df[kept].sum()) if df[kept].sum() else np.nan

    subjects = pairs["subject"].to_numpy()
    value = of(np.ones(len(pairs), bool))
    left_out = [of(kept) for kept in without_each(subjects)]
    with np.errstate(divide="ignore"):
        low, high = jackknife_interval(value, np.array(left_out), np.log, np.exp)
    people = len(set(subjects))
    return {
        "n_pairs": len(pairs),
        "n_subjects": people,
        "mean_difference": pairs["shift"].mean(),
        "sd_within": value / 1.96 / np.sqrt(2),
        "repeatability_coefficient": value,
        "ci_low": low,
        "ci_high": high,
        "note": reason_without_interval(people, low),
    }
