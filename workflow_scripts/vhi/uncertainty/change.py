"""V_HI of a visit and its change, with their error: interval, probability of a decrease, and whether it is beyond error."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from vhi.statistics.values import follow_ups
from vhi.uncertainty.components import Variance, fit_variance
from vhi.uncertainty.intervals import SCALES, SOURCES, half_width, missing_sources

FALSE_POSITIVES = 0.05
"""Share of subjects without change who are flagged, in both directions together."""

CHANGES = [
    *("subject", "readers", "pre_voxels", "post_voxels", "ratio", "ratio_low", "ratio_high"),
    *("probability_of_decrease", "flag", "sources_missing"),
]
"""Columns of change_error.tsv."""


def changes_with_error(errors: pd.DataFrame, rule: str, sessions: Sequence[str]) -> pd.DataFrame:
    """Judge each subject's change at every visit after the first: ``session`` and the columns of `change_with_error`."""
    found = [
        change_with_error(visits, rule).assign(session=session) for session, visits in follow_ups(errors, sessions)
    ]
    return pd.concat(found, ignore_index=True)[["session", *CHANGES]]


def change_with_error(errors: pd.DataFrame, rule: str) -> pd.DataFrame:
    """Judge each subject's change by its error.

    Parameters
    ----------
    errors : DataFrame
        ``subject session reader vhi_voxels sources_missing`` and ``sd_log_<source>`` of `intervals.SOURCES`; one reading per
        reader and visit.
    rule : str
        Rule of the limits.

    Returns
    -------
    DataFrame
        `CHANGES`, one row per subject whom at least one reader read at both visits. Voxels are geometric means of V_HI + 1 over
        those readers, less 1; the ratio is of V_HI + 1, after to before, with its 90 % interval. ``flag`` is ``decrease``,
        ``increase`` or ``no``: whether the change lies beyond measurement error, which `FALSE_POSITIVES` of the subjects
        without change do. Empty where no part of the error is known.

    Notes
    -----
    Patch, disease region and scan move all readers of a visit alike; the readers' own part shrinks with their number. A reader
    keeps habits from visit to visit, so that the readers' part is that of their changes (`reader_change_variance`), where five
    subjects tell it.
    """
    of_change = reader_change_variance(errors)
    rows = []
    for subject, group in errors.groupby("subject", sort=False):
        both = group.groupby("reader")["session"].nunique()
        read = group[group["reader"].isin(both.index[both == 2])]
        if read.empty:
            continue
        visits = {session: _visit(rows_of) for session, rows_of in read.groupby("session")}
        readers, shared = read["reader"].nunique(), sum(visit["shared"] for visit in visits.values())
        middle = np.expm1(np.mean([visit["log"] for visit in visits.values()]))
        own = sum(visit["own"] for visit in visits.values()) if of_change is None else of_change.at(middle) / readers
        known = any(visit["known"] for visit in visits.values())
        missing = " ".join(missing_sources(read["sources_missing"])) or None
        logs = (visits["pre"]["log"], visits["post"]["log"])
        rows.append((subject, readers, *logs, shared + own if known else np.nan, missing))
    frame = pd.DataFrame(rows, columns=["subject", "readers", "pre", "post", "variance", "sources_missing"])
    sd = np.sqrt(frame["variance"].astype(float))
    change, width = frame["post"].astype(float) - frame["pre"].astype(float), half_width(sd, rule)
    z = change / (SCALES[rule].widening * sd).where(sd > 0)
    flag = np.where(z.abs() > ndtri(1 - FALSE_POSITIVES / 2), np.where(change < 0, "decrease", "increase"), "no")
    found = frame.assign(
        pre_voxels=np.expm1(frame["pre"].astype(float)),
        post_voxels=np.expm1(frame["post"].astype(float)),
        ratio=np.exp(change),
        ratio_low=np.exp(change - width),
        ratio_high=np.exp(change + width),
        probability_of_decrease=ndtr(-z),
        flag=pd.Series(flag, index=frame.index).where(z.notna(), None),
    )
    return found[CHANGES]


def visit_interval(errors: pd.DataFrame, rule: str) -> tuple[float, float]:
    """Give the interval of the V_HI of one visit, in voxels, from its readings; NaN where no part of the error is known."""
    visit = _visit(errors)
    if not visit["known"]:
        return np.nan, np.nan
    width = half_width(np.sqrt(visit["shared"] + visit["own"]), rule)
    return float(np.expm1(max(visit["log"] - width, 0))), float(np.expm1(visit["log"] + width))


def reader_change_variance(errors: pd.DataFrame) -> Variance | None:
    """Variance of one reader's change of log(V_HI + 1) about the readers' mean change; None with fewer than five subjects.

    Parameters
    ----------
    errors : DataFrame
        ``subject session reader vhi_voxels``.

    Returns
    -------
    Variance
        By the geometric mean of V_HI + 1 over readers and visits, less 1: readers differ more on little inflammation.
    """
    logs = errors.assign(log=np.log1p(errors["vhi_voxels"].astype(float)))
    wide = logs.pivot_table(index=["subject", "reader"], columns="session", values="log")
    if not {"pre", "post"} <= set(wide):
        return None
    changes = (wide["post"] - wide["pre"]).unstack("reader").dropna(thresh=2)
    voxels = np.expm1(wide[["pre", "post"]].dropna().groupby(level="subject").mean().mean(axis=1).loc[changes.index])
    return fit_variance(changes.var(axis=1, ddof=1), voxels)


def _visit(readings: pd.DataFrame) -> dict:
    """Mean of log(V_HI + 1) over the readers of a visit, and its variance by what readers share and what is their own."""
    parts = readings[[f"sd_log_{source}" for source in SOURCES]].astype(float)
    squares = parts.fillna(0) ** 2
    return {
        "log": float(np.log1p(readings["vhi_voxels"].astype(float)).mean()),
        "shared": float(squares.drop(columns="sd_log_reader").sum(axis=1).mean()),
        "own": float(squares["sd_log_reader"].mean() / len(readings)),
        "known": bool(parts.notna().any(axis=None)),
    }
