"""Section 2.7.3 for every visit after the first, and for every arm of the treatment."""

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from vhi.statistics.estimates import NAN, UNKNOWN, ends
from vhi.statistics.jackknife import FEWEST_SUBJECTS, reason_without_interval
from vhi.statistics.responders import COLUMNS, judgements, responder_table
from vhi.statistics.response_means import RESPONSE_MEANS, response_means_table
from vhi.statistics.values import SESSIONS

ALL = "all subjects"
CHANGE = ["measure", "unit", "group", "session", "n", "mean_pre", "mean_change", "ci_low", "ci_high", "p"]
RATIOS = ["ratio", "ratio_ci_low", "ratio_ci_high", "note"]


def groups_of(arms: Mapping[str, str]) -> dict[str, set[str]]:
    """Subjects of each arm, in the order of the study; empty where it has no arms."""
    named = {arm: None for arm in arms.values() if arm}
    return {f"arm {arm}": {subject for subject, of in arms.items() if of == arm} for arm in named}


def responders_by_visit(
    changes: pd.DataFrame,
    detectable: pd.DataFrame,
    errors: pd.DataFrame,
    clinical: pd.DataFrame,
    primary: tuple[str, ...],
    arms: Mapping[str, str],
) -> pd.DataFrame:
    """Set clinical response and that of each measure against each other, at every visit and in every arm.

    Parameters
    ----------
    changes, detectable, errors, clinical : DataFrame
        As `judgements` and `responder_table` take them, with ``session``.
    primary : tuple of str
        Rule of clinical response, visit and, where it is not the mean, reader; only their rows, of all subjects, are primary.
    arms : mapping of str to str
        Arm by subject; empty where the study has none.

    Returns
    -------
    DataFrame
        ``session group`` and the columns of `responder_table`.
    """
    rule, visit, *reader = primary
    tables = []
    for session in changes["session"].unique():
        parts = [part[part["session"] == session] for part in (changes, detectable, errors, clinical)]
        judged = judgements(*parts[:3])
        for group, subjects in ({ALL: None} | groups_of(arms)).items():
            of, said = (t if subjects is None else t[t["subject"].isin(subjects)] for t in (judged, parts[3]))
            table = responder_table(of, said, rule, *reader)
            if group != ALL or session != visit:
                table["primary"] = "no"
            tables.append(table.assign(session=session, group=group))
    columns = ["session", "group", "primary", "reader", "criterion", "a", "b", *COLUMNS]
    return pd.concat(tables, ignore_index=True)[columns]


def response_means_by_visit(
    changes: pd.DataFrame, clinical: pd.DataFrame | None, resamples: int, seed: int, arms: Mapping[str, str]
) -> pd.DataFrame:
    """Compute response means at every visit; for each arm those of the first reader of the table, the mean.

    Parameters
    ----------
    changes, clinical : DataFrame
        As `response_means_table` takes them, with ``session``.
    resamples, seed : int
    arms : mapping of str to str
        Arm by subject.

    Returns
    -------
    DataFrame
        ``session`` and `RESPONSE_MEANS`.
    """
    tables = []
    for session, of_session in changes.groupby("session", sort=False):
        said = None if clinical is None else clinical[clinical["session"] == session]
        tables.append(response_means_table(of_session, said, resamples, seed).assign(session=session))
        first = of_session[of_session["reader"] == of_session["reader"].iloc[0]]
        for group, subjects in groups_of(arms).items():
            table = response_means_table(first[first["subject"].isin(subjects)], None, resamples, seed)
            tables.append(table.assign(session=session, group=group))
    return pd.concat(tables, ignore_index=True)[["session", *RESPONSE_MEANS]]


def change_by_visit(changes: pd.DataFrame, arms: Mapping[str, str]) -> pd.DataFrame:
    """Give the mean change from the first visit to every other, of all subjects and of each arm, and the arms' differences.

    Parameters
    ----------
    changes : DataFrame
        Of `vhi.statistics.change.change_tables`; the first reader of each measure counts, which is the mean of the readers.
    arms : mapping of str to str
        Arm by subject; empty where the study has none.

    Returns
    -------
    DataFrame
        `CHANGE` and `RATIOS`. Measures are V_HI, log(V_HI + 1) of that mean, and SPARCC. The interval of a mean is by Student's t,
        that of a difference of arms by Welch's, each on its own scale; on the logarithm the ratio of V_HI + 1, after to before,
        stands beside. With fewer than `FEWEST_SUBJECTS` subjects in a group there is no interval, and the note says so.
    """
    rows = []
    first = changes[changes["reader"] == changes.groupby("measure")["reader"].transform("first")]
    for (measure, unit, session), table in first.groupby(["measure", "unit", "session"], sort=False):
        scales = {measure: (unit, table[list(SESSIONS)].astype(float))}
        if measure == "vhi":
            scales["log_vhi"] = (f"log({unit} + 1)", np.log1p(table[list(SESSIONS)].astype(float)))
        groups = {ALL: set(table["subject"])} | groups_of(arms)
        for name, (of_unit, values) in scales.items():
            known = values.assign(subject=table["subject"], change=values["post"] - values["pre"]).dropna()
            about = {"measure": name, "unit": of_unit, "session": session}
            parts = {group: known[known["subject"].isin(subjects)] for group, subjects in groups.items()}
            rows += [about | {"group": group} | _mean_change(part) for group, part in parts.items()]
            for a, b in combinations(list(parts)[1:], 2):
                difference = _difference(parts[b]["change"], parts[a]["change"])
                rows.append(about | {"group": f"{b} - {a}"} | difference)
    return pd.DataFrame([_with_ratio(row) for row in rows], columns=[*CHANGE, *RATIOS])


def _mean_change(part: pd.DataFrame) -> dict:
    n, change = len(part), part["change"]
    interval, p = UNKNOWN, NAN
    if n >= FEWEST_SUBJECTS and np.ptp(change):
        found = stats.ttest_1samp(change, 0)
        interval, p = tuple(found.confidence_interval()), float(found.pvalue)
    row = {"n": n, "mean_pre": part["pre"].mean(), "mean_change": change.mean(), "p": p} | ends(interval)
    return row | {"note": reason_without_interval(n, interval[0])}


def _difference(one: pd.Series, other: pd.Series) -> dict:
    fewest, interval, p = min(len(one), len(other)), UNKNOWN, NAN
    if fewest >= FEWEST_SUBJECTS and (np.ptp(one) or np.ptp(other)):
        found = stats.ttest_ind(one, other, equal_var=False)
        interval, p = tuple(found.confidence_interval()), float(found.pvalue)
    row = {"n": len(one) + len(other), "mean_change": one.mean() - other.mean(), "p": p} | ends(interval)
    return row | {"note": reason_without_interval(fewest, interval[0])}


def _with_ratio(row: dict) -> dict:
    if row["measure"] != "log_vhi":
        return row
    found = [float(np.exp(row[name])) for name in ("mean_change", "ci_low", "ci_high")]
    return row | dict(zip(RATIOS[:3], found, strict=True))
