"""Change under treatment of V_HI and SPARCC, and the smallest change that readers can tell from none (section 2.7.3)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from vhi.statistics.estimates import NAN, UNKNOWN, ends
from vhi.statistics.jackknife import jackknife_interval, reason_without_interval, without_each
from vhi.statistics.values import SESSIONS, first_cleanings, follow_ups, unit_on

MEAN = "mean"  # stands in the column `reader` for the mean of the readers


def changes(values: pd.DataFrame, readers: Sequence[str]) -> pd.DataFrame:
    """Pair the sessions of each subject, on the mean of the readers and per reader.

    Parameters
    ----------
    values : DataFrame
        Columns ``subject session reader value``, one row per scan and reader; sessions ``pre`` and ``post``.
    readers : sequence of str
        The mean is over those who read both visits of a subject, so that a change is never one between readers. Where nobody
        did, it is over those who read the first visit, or else the later one, and there is no change.

    Returns
    -------
    DataFrame
        ``subject reader pre post change direction``; the reader ``mean`` first (left out where there is one reader). The
        change is post less pre; direction is ``improved`` (post < pre), ``worsened`` or ``tie``, None where a session is
        missing.
    """
    wide = values.pivot_table(index="subject", columns=["reader", "session"], values="value", sort=False)
    wide = wide.reindex(columns=pd.MultiIndex.from_product([readers, SESSIONS]))
    if len(readers) > 1:
        # ASSUME section 2.7.3 does not say whose values decide on response: the mean of the readers.
        before, after = (wide.xs(session, axis=1, level=1)[list(readers)] for session in SESSIONS)
        both = before.notna() & after.notna()
        nobody = ~both.any(axis=1)
        both[nobody] = before.notna()[nobody]
        wide[MEAN, SESSIONS[0]] = before.where(both).mean(axis=1)
        both[nobody & before.isna().all(axis=1)] = True
        wide[MEAN, SESSIONS[1]] = after.where(both).mean(axis=1)
    tables = []
    for reader in [MEAN, *readers] if len(readers) > 1 else readers:
        table = pd.DataFrame({session: wide[reader, session] for session in SESSIONS}).rename_axis("subject")
        table = table.reset_index().dropna(subset=SESSIONS, how="all")
        table.insert(1, "reader", reader)
        tables.append(table)
    table = pd.concat(tables, ignore_index=True)
    table["change"] = table["post"] - table["pre"]
    table["direction"] = [_direction(change) for change in table["change"]]
    return table


def _direction(change: float) -> str | None:
    # ASSUME "any improvement" is post < pre; equal values, V_HI 0 at both sessions above all, are a tie and no improvement.
    if np.isnan(change):
        return None
    return "improved" if change < 0 else "worsened" if change > 0 else "tie"


def smallest_detectable_change(change_by_reader: pd.DataFrame, averaged: int) -> float:
    """Compute the smallest detectable change of a measurement that is the mean of so many readers.

    Parameters
    ----------
    change_by_reader : (n, k) DataFrame
        Change scores, one column per reader, at least two.
    averaged : int
        Readers whose mean is the measurement.

    Returns
    -------
    float
        1.96 SD(difference of the readers' changes) / (sqrt 2 sqrt averaged); with more than two readers, the SD of
        within-subject error stands for SD / sqrt 2. It holds the readers' error alone, not that of repeated scans. NaN with
        one reader or fewer than two complete subjects.

    References
    ----------
    Bruynesteyn K et al., Ann Rheum Dis 2005; 64: 179-182. Navarro-Compan V et al., J Rheumatol 2019; 46: 1135-1140.
    """
    table = change_by_reader.dropna().to_numpy(float)
    if table.ndim != 2 or table.shape[1] < 2 or len(table) < 2:
        return NAN
    without_reader = table - table.mean(axis=0)  # a reader's constant bias is no random error
    error = without_reader - without_reader.mean(axis=1, keepdims=True)
    variance = (error**2).sum() / ((len(table) - 1) * (table.shape[1] - 1))
    return float(1.96 * np.sqrt(variance) / np.sqrt(averaged))


def detectable_interval(change_by_reader: pd.DataFrame, averaged: int) -> tuple[float, float]:
    """Compute a 95 % interval of `smallest_detectable_change` (same parameters) by leaving out each subject.

    Returns
    -------
    tuple of float
        On the logarithm, so that the readers' errors need not be normal; NaN with fewer than
        `vhi.statistics.jackknife.FEWEST_SUBJECTS` complete subjects, or where the limit is 0 without one of them.
    """
    table = change_by_reader.dropna()
    kept = without_each(np.arange(len(table)))
    left_out = np.array([smallest_detectable_change(table[rest], averaged) for rest in kept])
    with np.errstate(divide="ignore"):
        return jackknife_interval(smallest_detectable_change(table, averaged), left_out, np.log, np.exp)


def chi_squared_interval(limit: float, subjects: int, readers: int) -> tuple[float, float]:
    """Compute the interval of the smallest detectable change for errors that are normal, independent and of one spread.

    Parameters
    ----------
    limit : float
        From `smallest_detectable_change`.
    subjects, readers : int
        Complete subjects, and the readers whose changes gave the limit: (subjects - 1) (readers - 1) degrees of freedom.

    Returns
    -------
    tuple of float
        NaN without degrees of freedom. With 12 subjects and two readers 0.71 and 1.70 times the limit.
    """
    df = (subjects - 1) * (readers - 1)
    if df < 1:
        return UNKNOWN
    low, high = limit * np.sqrt(df / stats.chi2.ppf([0.975, 0.025], df))
    return float(low), float(high)


def by_reader(table: pd.DataFrame) -> pd.DataFrame:
    """Changes from `changes`, without the mean of the readers: one row per subject, one column per reader."""
    return table[table["reader"] != MEAN].pivot(index="subject", columns="reader", values="change")


def change_tables(
    measurements: pd.DataFrame,
    sparcc: pd.DataFrame | None,
    unit: str,
    readers: Sequence[str],
    scorers: Sequence[str],
    sessions: Sequence[str] = SESSIONS,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the change of every measure, subject and reader at every visit, and the smallest detectable change of each.

    Parameters
    ----------
    measurements : DataFrame
        Of `6_cleaning`.
    sparcc : DataFrame, optional
        ``scan subject session reader sparcc``.
    unit : str
        Of V_HI.
    readers, scorers : sequence of str
        Who has cleaned, and who may have scored SPARCC; both in the order of the study.
    sessions : sequence of str
        Visits in their order; each after the first is compared with the first.

    Returns
    -------
    changes, detectable : DataFrame
        ``pre`` is the value at the first visit, ``post`` that at ``session``.
    """
    values = {"vhi": (unit, readers, first_cleanings(measurements), f"vhi_{unit}")}
    if sparcc is not None:
        scored = set(sparcc["reader"])
        values["sparcc"] = ("score", [reader for reader in scorers if reader in scored], sparcc, "sparcc")
    found, detectable = [], []
    for measure, (of_measure, who, table, column) in values.items():
        for session, visits in follow_ups(table, sessions):
            about = {"measure": measure, "unit": of_measure}
            changed = changes(visits.assign(value=visits[column].astype(float)), who)
            found.append(changed.assign(**about, session=session))
            limited = {(measure, of_measure): by_reader(changed)}
            if measure == "vhi":
                logged = changes(visits.assign(value=np.log1p(visits[column].astype(float))), who)
                limited["log_vhi", unit_on("log", of_measure)] = by_reader(logged)
            detectable += [
                {"measure": name, "unit": of_name, "session": session} | row
                for (name, of_name), change in limited.items()
                for row in _detectable(change, list(dict.fromkeys(changed["reader"])), len(who))
            ]
    columns = ["measure", "unit", "reader", "session", "subject", "pre", "post", "change", "direction"]
    return pd.concat(found)[columns], pd.DataFrame(detectable)


def _detectable(change: pd.DataFrame, readers: Sequence[str], several: int) -> list[dict]:
    rows, n = [], len(change.dropna())
    for reader in readers:
        averaged = several if reader == MEAN else 1
        limit, interval = smallest_detectable_change(change, averaged), detectable_interval(change, averaged)
        row = {"reader": reader, "readers_averaged": averaged, "n": n, "smallest_detectable_change": limit}
        rows.append(row | ends(interval) | {"note": reason_without_interval(n, interval[0])})
    return rows
