"""Intraclass correlation of readers, for a scan's status and for its change."""

import warnings

import numpy as np
import pandas as pd
import pingouin

from vhi.clustered import jackknife_interval, without_each


def icc_a1(table: np.ndarray) -> float:
    """Compute ICC(A,1): two-way random effects, absolute agreement, a single reader.

    Parameters
    ----------
    table : (n, k) array
        One row per scan, one column per reader.

    Returns
    -------
    float
        NaN with fewer than two rows or columns, or where all values are the same.

    References
    ----------
    McGraw KO, Wong SP. Psychol Methods 1996; 1: 30-46. Shrout PE, Fleiss JL. Psychol Bull 1979; 86: 420-428 (their
    ICC(2,1)).
    """
    table = np.asarray(table, float)
    n, k = table.shape
    if n < 2 or k < 2:
        return float("nan")
    scans, readers = table.mean(axis=1), table.mean(axis=0)
    between = k * ((scans - table.mean()) ** 2).sum() / (n - 1)
    reader = n * ((readers - table.mean()) ** 2).sum() / (k - 1)
    rest = ((table - scans[:, None] - readers + table.mean()) ** 2).sum() / ((n - 1) * (k - 1))
    spread = between + (k - 1) * rest + k / n * (reader - rest)
    return float((between - rest) / spread) if spread > 0 else float("nan")


def reliability(table: pd.DataFrame, subjects: np.ndarray) -> dict:
    """Compute ICC(A,1) of readers with its intervals.

    Parameters
    ----------
    table : (n, k) DataFrame
        One row per scan (or subject, for changes), one column per reader; rows with a NaN are left out.
    subjects : (n,) array

    Returns
    -------
    dict
        ``n n_subjects icc``; ``ci_low ci_high`` by leaving out each subject, on Fisher's z; ``f_ci_low f_ci_high`` by the F
        distribution, for independent rows (McGraw and Wong). Identical readers: 1, and so are
        the ends. NaN where nothing varies or fewer than three subjects are complete.
    """
    known = table.notna().all(axis=1).to_numpy()
    values, who = table.to_numpy(float)[known], np.asarray(subjects)[known]
    found = {"n": len(values), "n_subjects": len(set(who.tolist())), "icc": icc_a1(values)}
    nan = float("nan")
    ends = dict.fromkeys(("ci_low", "ci_high", "f_ci_low", "f_ci_high"), nan)
    if not np.isfinite(found["icc"]) or found["n_subjects"] < 3:
        return found | ends
    if found["icc"] == 1:
        return found | dict.fromkeys(ends, 1.0)
    left_out = np.array([icc_a1(values[kept]) for kept in without_each(who)])
    ends["ci_low"], ends["ci_high"] = jackknife_interval(found["icc"], left_out, np.arctanh, np.tanh)
    if len(values) >= 5:  # pingouin asks for five
        ends["f_ci_low"], ends["f_ci_high"] = f_interval(values)
    return found | ends


def f_interval(values: np.ndarray) -> tuple[float, float]:
    """Give the 95 % interval of ICC(A,1) of independent rows (McGraw and Wong), as pingouin computes it."""
    rows, readers = values.shape
    long = pd.DataFrame(
        {
            "target": np.repeat(np.arange(rows), readers),
            "rater": np.tile(np.arange(readers), rows),
            "value": values.ravel(),
        }
    )
    digits = pingouin.options["round.column.CI95"]
    pingouin.options["round.column.CI95"] = 12  # two digits otherwise
    try:
        with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # what pingouin asks of pandas is pingouin's matter
            warnings.simplefilter("ignore", DeprecationWarning)
            found = pingouin.intraclass_corr(long, "target", "rater", "value").set_index("Type")
    finally:
        pingouin.options["round.column.CI95"] = digits
    low, high = found.loc["ICC(A,1)", "CI95"]
    return float(low), float(high)
