"""Intraclass correlation of readers, for a scan's status and for its change."""

import warnings

import numpy as np
import pandas as pd
import pingouin

from vhi.statistics.estimates import NAN, UNKNOWN, ends
from vhi.statistics.jackknife import jackknife_interval, reason_without_interval, without_each


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
        return NAN
    scans, readers = table.mean(axis=1), table.mean(axis=0)
    between = k * ((scans - table.mean()) ** 2).sum() / (n - 1)
    reader = n * ((readers - table.mean()) ** 2).sum() / (k - 1)
    rest = ((table - scans[:, None] - readers + table.mean()) ** 2).sum() / ((n - 1) * (k - 1))
    spread = between + (k - 1) * rest + k / n * (reader - rest)
    return float((between - rest) / spread) if spread > 0 else NAN


def of_mean(icc: float, readers: int) -> float:
    """Compute ICC(A,k), that of the mean of k readers, from ICC(A,1) (Spearman and Brown; McGraw and Wong 1996, Table 4)."""
    rest = 1 + (readers - 1) * icc
    return readers * icc / rest if rest > 0 else NAN


def reliability(table: pd.DataFrame, subjects: np.ndarray) -> dict:
    """Compute ICC(A,1) of readers, and ICC(A,k) of their mean, with intervals.

    Parameters
    ----------
    table : (n, k) DataFrame
        One row per scan (or subject, for changes), one column per reader; rows with a NaN are left out.
    subjects : (n,) array

    Returns
    -------
    dict
        ``n n_subjects icc``; ``ci_low ci_high`` by leaving out each subject, on Fisher's z, so that the readers count as
        fixed (``readers_taken_as``): other readers would add to it; ``f_ci_low f_ci_high`` by the F distribution, for
        independent rows and readers drawn at random (``f_readers_taken_as``; McGraw and Wong); ``readers icc_k icc_k_ci_low
        icc_k_ci_high``: k, ICC(A,k) and the ends of
        ``ci`` for it; ``note``. Identical readers: 1, and so are the ends. NaN where nothing varies; no interval with fewer
        than `vhi.statistics.jackknife.FEWEST_SUBJECTS` complete subjects.
    """
    known = table.notna().all(axis=1).to_numpy()
    values, who = table.to_numpy(float)[known], np.asarray(subjects)[known]
    found = {"n": len(values), "n_subjects": len(set(who.tolist())), "icc": icc_a1(values)}
    note, k = reason_without_interval(found["n_subjects"]), values.shape[1]
    interval = by_f = UNKNOWN
    if found["icc"] == 1 and not note:
        interval = by_f = 1.0, 1.0
    elif np.isfinite(found["icc"]) and not note:
        left_out = np.array([icc_a1(values[kept]) for kept in without_each(who)])
        interval, by_f = jackknife_interval(found["icc"], left_out, np.arctanh, np.tanh), f_interval(values)
    found |= ends(interval) | {"readers_taken_as": "fixed"} | ends(by_f, "f") | {"f_readers_taken_as": "random"}
    found |= {"readers": k, "icc_k": of_mean(found["icc"], k)}
    found |= ends([of_mean(end, k) for end in interval], "icc_k")
    return found | {"note": note or reason_without_interval(found["n_subjects"], interval[0])}


def f_interval(values: np.ndarray) -> tuple[float, float]:
    """Give the 95 % interval of ICC(A,1) of independent rows (McGraw and Wong), as pingouin computes it."""
    rows, readers = values.shape
    targets, raters = np.repeat(np.arange(rows), readers), np.tile(np.arange(readers), rows)
    long = pd.DataFrame({"target": targets, "rater": raters, "value": values.ravel()})
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
