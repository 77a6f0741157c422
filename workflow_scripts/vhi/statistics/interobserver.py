"""Tables of interobserver agreement of V_HI and SPARCC (paper, section 2.7.2): pairs, limits, ratios, reliability."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from statsmodels.stats.diagnostic import het_breuschpagan

from vhi.statistics.agreement import LimitsOfAgreement, limits_of_agreement
from vhi.statistics.change import by_reader, changes
from vhi.statistics.clustered import clustered_limits, components
from vhi.statistics.estimates import NAN, quantity
from vhi.statistics.jackknife import reason_without_interval
from vhi.statistics.reliability import reliability
from vhi.statistics.slopes import clustered_line
from vhi.statistics.tolerance import tolerance_limits
from vhi.statistics.values import (
    SCALES,
    SESSIONS,
    cut_of,
    follow_ups,
    measured_by,
    on_scale,
    reader_pairs,
    side_by_side,
    unit_on,
)  # fmt: skip

PAIRS = [
    *("measure", "scale", "unit", "a", "b", "scan", "subject", "session"),
    *("value_a", "value_b", "mean", "difference", "cut"),
]
LIMITS = [
    *("measure", "scale", "unit", "a", "b", "sessions", "method", "n_scans", "n_subjects"),
    *("quantity", "estimate", "ci_low", "ci_high", "note"),
]
RELIABILITY = [
    *("measure", "scale", "of", "sessions", "n", "n_subjects", "icc", "ci_low", "ci_high", "readers_taken_as"),
    *("f_ci_low", "f_ci_high", "f_readers_taken_as", "readers", "icc_k", "icc_k_ci_low", "icc_k_ci_high", "note"),
]


def pairs_table(values: pd.DataFrame, readers: Sequence[str], unit: str, quantile: float) -> pd.DataFrame:
    """Pair the readers of every scan, per measure and scale.

    Parameters
    ----------
    values : DataFrame
        From `reader_values`.
    readers : sequence of str
        In the order of the study; differences are first minus second.
    unit : {"voxels", "mm3"}
        Of V_HI.
    quantile : float
        Truncated: without scans whose mean is above this quantile of all readings (`cut`).

    Returns
    -------
    DataFrame
        By `PAIRS`; no rows with fewer than two readers.
    """
    tables = [pd.DataFrame(columns=PAIRS)]
    for measure, (column, of_measure) in measured_by(unit).items():
        cut = cut_of(values[column], quantile)
        for a, b, both in reader_pairs(values, readers, column):
            for scale in SCALES:
                kept = both[both[[a, b]].mean(axis=1) <= cut] if scale == "truncated" else both
                table = kept[["scan", "subject", "session"]].assign(
                    measure=measure, scale=scale, unit=unit_on(scale, of_measure), a=a, b=b,
                    value_a=on_scale(kept[a], scale), value_b=on_scale(kept[b], scale), cut=cut,
                )  # fmt: skip
                table["mean"] = (table["value_a"] + table["value_b"]) / 2
                table["difference"] = table["value_a"] - table["value_b"]
                tables.append(table[PAIRS])
    return pd.concat(tables[1:] or tables, ignore_index=True)


def limits_table(pairs: pd.DataFrame) -> pd.DataFrame:
    """Compute bias and limits of agreement of every measure and scale, by the paper's method and for clustered data.

    Parameters
    ----------
    pairs : DataFrame
        From `pairs_table`.

    Returns
    -------
    DataFrame
        By `LIMITS`: ``paper`` takes scans for independent, over all scans and per session; ``clustered`` knows which
        belong to one subject. Quantities: bias, sd, lower_limit, upper_limit; clustered also tolerance (its
        interval holds 95 % of differences with 95 % confidence), sd_between (subjects), sd_within and sd_sessions,
        proportional_bias (slope of the difference on the mean, without unit) and spread_with_mean_p (P of Breusch-Pagan).
    """
    rows = []
    for key, group in pairs.groupby(["measure", "scale", "unit", "a", "b"], sort=False):
        about = dict(zip(LIMITS, key, strict=False))
        parts = {"all": group} | dict(list(group.groupby("session", sort=False)))
        for sessions, part in parts.items():
            who = {"sessions": sessions, "n_scans": len(part), "n_subjects": part["subject"].nunique()}
            plain = limits_of_agreement(part["difference"], np.zeros(len(part)))
            rows += [about | who | {"method": "paper"} | row for row in _quantities(plain)]
        rows += [about | {"sessions": "all", "method": "clustered"} | row for row in _clustered_rows(group)]
    return pd.DataFrame(rows, columns=LIMITS)


def _quantities(found: LimitsOfAgreement) -> list[dict]:
    return [*(quantity(name, *of) for name, of in found.quantities.items()), quantity("sd", found.sd)]


def _clustered_rows(group: pd.DataFrame) -> list[dict]:
    d, subjects, sessions = (group[column].to_numpy() for column in ("difference", "subject", "session"))
    parts = components(d, subjects, sessions)
    who = {"n_scans": parts.scans, "n_subjects": parts.subjects}
    found = clustered_limits(d, subjects, sessions)
    notes = [reason_without_interval(parts.subjects, found.lower_ci[0])]
    if parts.df_between and not parts.df_within:
        notes.append("too few subjects with two scans to tell variance between from within")
    elif parts.df_between and parts.subject_variance <= 0:
        notes.append("variance between subjects estimated at 0 or below; SD is of the unbiased sum")
    note = "; ".join(filter(None, notes)) or None
    rows = _quantities(found)
    rows.append(quantity("tolerance", NAN, tolerance_limits(parts)))
    if parts.df_within:
        variances = {"between": parts.subject_variance, "within": parts.within, "sessions": parts.session_variance}
        rows += [quantity(f"sd_{of}", float(np.sqrt(max(0.0, variance)))) for of, variance in variances.items()]
    return [who | {"note": note} | row for row in rows + _trend_rows(group)]


def _trend_rows(group: pd.DataFrame) -> list[dict]:
    """Whether differences grow with the mean (proportional bias), and whether their spread does (Breusch-Pagan, P)."""
    mean, d = group["mean"].to_numpy(float), group["difference"].to_numpy(float)
    fitted = clustered_line(mean, d, group["subject"].to_numpy())["slope"]
    slope = fitted.estimate
    p = NAN
    if len(d) > 2 and np.isfinite(slope):
        residuals = d - d.mean() - slope * (mean - mean.mean())
        if np.ptp(residuals) > 1e-9 * (np.ptp(d) or 1):
            p = float(het_breuschpagan(residuals, np.column_stack([np.ones(mean.size), mean]))[1])
    return [
        quantity("proportional_bias", slope, fitted.ci),
        quantity("spread_with_mean_p", p),
    ]


def reliability_table(
    values: pd.DataFrame, readers: Sequence[str], unit: str, sessions: Sequence[str] = SESSIONS
) -> pd.DataFrame:
    """Compute ICC(A,1) and ICC(A,k) of status (all scans and per visit) and of change from the first visit, raw and on log(x + 1).

    Returns
    -------
    DataFrame
        By `RELIABILITY`; no rows with fewer than two readers.
    """
    rows = []
    for measure, (column, _) in measured_by(unit).items():
        known = values.dropna(subset=[column])
        who = [reader for reader in readers if reader in set(known["reader"])]
        if known["reader"].nunique() < 2:
            continue
        for scale in ("raw", "log"):
            scaled = known.assign(value=on_scale(known[column], scale))
            status = side_by_side(scaled, "value")[who]
            of_session = status.index.get_level_values("session")
            parts = {("status", "all"): status}
            parts |= {("status", session): status[of_session == session] for session in dict.fromkeys(of_session)}
            for session, visits in follow_ups(scaled, sessions):
                parts["change", f"{session} - {sessions[0]}"] = by_reader(changes(visits, who))
            for (of, which), part in parts.items():
                found = reliability(part, part.index.get_level_values("subject").to_numpy())
                rows.append({"measure": measure, "scale": scale, "of": of, "sessions": which} | found)
    return pd.DataFrame(rows, columns=RELIABILITY)
