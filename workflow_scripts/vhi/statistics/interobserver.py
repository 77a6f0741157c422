"""Tables of interobserver agreement of V_HI and SPARCC (paper, section 2.7.2): pairs, limits, ratios, reliability."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from statsmodels.stats.diagnostic import het_breuschpagan

from vhi.statistics.agreement import LimitsOfAgreement, limits_of_agreement
from vhi.statistics.change import changes
from vhi.statistics.clustered import clustered_limits, clustered_line, components, line, reason_without_interval
from vhi.statistics.reliability import reliability

SCALES = ("raw", "truncated", "log")
VALUES = ["scan", "subject", "session", "reader", "vhi_voxels", "vhi_mm3", "sparcc"]
PAIRS = [
    *("measure", "scale", "unit", "a", "b", "scan", "subject", "session"),
    *("value_a", "value_b", "mean", "difference", "cut"),
]
LIMITS = [
    *("measure", "scale", "unit", "a", "b", "sessions", "method", "n_scans", "n_subjects"),
    *("quantity", "estimate", "ci_low", "ci_high", "note"),
]
RATIOS = [
    *("measure", "one_is", "a", "b", "tertile", "smallest", "largest", "n_scans", "n_subjects"),
    *("quantity", "ratio", "ci_low", "ci_high", "note"),
]
RELIABILITY = [
    *("measure", "scale", "of", "sessions", "n", "n_subjects", "icc", "ci_low", "ci_high", "f_ci_low", "f_ci_high"),
    *("readers", "icc_k", "icc_k_ci_low", "icc_k_ci_high", "note"),
]


def measured_by(unit: str) -> dict[str, tuple[str, str]]:
    """Column and unit of each measure, V_HI in voxels or mm3."""
    return {"V_HI": (f"vhi_{unit}", unit), "SPARCC": ("sparcc", "points")}


def reader_values(measurements: pd.DataFrame, sparcc: pd.DataFrame | None = None) -> pd.DataFrame:
    """Set V_HI and SPARCC of every scan and reader side by side.

    Parameters
    ----------
    measurements : DataFrame
        Of `6_cleaning`; the first semi-automatic trial counts, as the paper's agreement stands on one cleaning a reader.
    sparcc : DataFrame, optional
        ``scan subject session reader sparcc``.

    Returns
    -------
    DataFrame
        By `VALUES`, one row per scan and reader with either; NaN where one is missing.
    """
    chosen = (measurements["method"] == "semiautomatic") & (measurements["trial"].astype(str) == "1")
    keys = VALUES[:4]
    found = measurements.loc[chosen & measurements["vhi_voxels"].notna(), [*keys, "vhi_voxels", "vhi_mm3"]]
    scores = pd.DataFrame(columns=[*keys, "sparcc"], dtype=object) if sparcc is None else sparcc[[*keys, "sparcc"]]
    found = found.merge(scores, on=keys, how="outer").sort_values(["scan", "reader"], ignore_index=True)
    return found.astype(dict.fromkeys(("vhi_voxels", "vhi_mm3", "sparcc"), float))[VALUES]


def on_scale(values: np.ndarray, scale: str) -> np.ndarray:
    """Put values on a scale: as they are, or log(x + 1), natural logarithm."""
    return np.log1p(values) if scale == "log" else values


def unit_on(scale: str, unit: str) -> str:
    """Unit of a measure on a scale."""
    return f"log({unit} + 1)" if scale == "log" else unit


def cut_of(values: pd.Series, quantile: float) -> float:
    """Value above which the truncated views leave readings out."""
    # ASSUME the paper removes "the highest" V_HI and draws the cut, but does not say where it is.
    return float(values.quantile(quantile)) if values.notna().any() else float("nan")


def side_by_side(values: pd.DataFrame, column: str) -> pd.DataFrame:
    """One row per scan (index ``scan subject session``), one column per reader."""
    known = values.dropna(subset=[column])
    return known.pivot(index=["scan", "subject", "session"], columns="reader", values=column)


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
    tables = []
    for measure, (column, of_measure) in measured_by(unit).items():
        wide, cut = side_by_side(values, column), cut_of(values[column], quantile)
        for a, b in combinations([reader for reader in readers if reader in wide], 2):
            both = wide[[a, b]].dropna().reset_index()
            for scale in SCALES:
                kept = both[both[[a, b]].mean(axis=1) <= cut] if scale == "truncated" else both
                table = kept[["scan", "subject", "session"]].assign(
                    measure=measure, scale=scale, unit=unit_on(scale, of_measure), a=a, b=b,
                    value_a=on_scale(kept[a], scale), value_b=on_scale(kept[b], scale), cut=cut,
                )  # fmt: skip
                table["mean"] = (table["value_a"] + table["value_b"]) / 2
                table["difference"] = table["value_a"] - table["value_b"]
                tables.append(table[PAIRS])
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=PAIRS)


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
        belong to one subject. Quantities: bias, sd, lower_limit, upper_limit; clustered also sd_between (subjects),
        sd_within and sd_sessions, proportional_bias (slope of the difference on the mean, without unit) and spread_with_mean_p (P of
        Breusch-Pagan).
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
    ends = {"bias": found.bias_ci, "lower_limit": found.lower_ci, "upper_limit": found.upper_ci}
    estimates = {"bias": found.bias, "lower_limit": found.lower, "upper_limit": found.upper}
    rows = [
        {"quantity": name, "estimate": estimates[name], "ci_low": low, "ci_high": high}
        for name, (low, high) in ends.items()
    ]
    return [*rows, {"quantity": "sd", "estimate": found.sd}]


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
    if parts.df_within:
        rows.append({"quantity": "sd_between", "estimate": float(np.sqrt(max(0.0, parts.subject_variance)))})
        rows.append({"quantity": "sd_within", "estimate": float(np.sqrt(parts.within))})
        rows.append({"quantity": "sd_sessions", "estimate": float(np.sqrt(max(0.0, parts.session_variance)))})
    return [who | {"note": note} | row for row in rows + _trend_rows(group)]


def _trend_rows(group: pd.DataFrame) -> list[dict]:
    """Whether differences grow with the mean (proportional bias), and whether their spread does (Breusch-Pagan, P)."""
    mean, d = group["mean"].to_numpy(float), group["difference"].to_numpy(float)
    slope, _ = line(mean, d)
    low, high = clustered_line(mean, d, group["subject"].to_numpy())["slope"]
    p = float("nan")
    if len(d) > 2 and np.isfinite(slope):
        residuals = d - d.mean() - slope * (mean - mean.mean())
        if np.ptp(residuals) > 1e-9 * (np.ptp(d) or 1):
            p = float(het_breuschpagan(residuals, np.column_stack([np.ones(mean.size), mean]))[1])
    return [
        {"quantity": "proportional_bias", "estimate": slope, "ci_low": low, "ci_high": high},
        {"quantity": "spread_with_mean_p", "estimate": p},
    ]


def ratios_table(values: pd.DataFrame, readers: Sequence[str]) -> pd.DataFrame:
    """Give the limits of agreement of log(x + 1) as ratios (a + 1) / (b + 1), per tertile of the mean.

    Near 0 the added 1 decides the ratio: so they stand per tertile, and for V_HI with 1 voxel and with 1 mm3.

    Returns
    -------
    DataFrame
        By `RATIOS`: quantities bias, lower_limit, upper_limit, for clustered data; `smallest` and `largest` mean of the
        tertile in units of `one_is`.
    """
    rows = []
    for measure, column, one in (
        ("V_HI", "vhi_voxels", "1 voxel"),
        ("V_HI", "vhi_mm3", "1 mm3"),
        ("SPARCC", "sparcc", "1 point"),
    ):
        wide = side_by_side(values, column)
        for a, b in combinations([reader for reader in readers if reader in wide], 2):
            both = wide[[a, b]].dropna().reset_index()
            mean = both[[a, b]].mean(axis=1)
            place = (mean.rank(method="average") - 0.5) * 3 / max(1, len(both))  # equal means share a tertile
            for tertile, name in enumerate(("all", "lowest", "middle", "highest"), -1):
                part = both if tertile < 0 else both[np.minimum(place.astype(int), 2) == tertile]
                difference = np.log1p(part[a]) - np.log1p(part[b])
                found = clustered_limits(difference, part["subject"], part["session"])
                about = {"measure": measure, "one_is": one, "a": a, "b": b, "tertile": name}
                about |= {"smallest": mean[part.index].min(), "largest": mean[part.index].max()}
                about |= {"n_scans": len(part), "n_subjects": part["subject"].nunique()}
                about |= {"note": reason_without_interval(about["n_subjects"], found.lower_ci[0])}
                for row in _quantities(found)[:3]:
                    ends = {"ratio": row["estimate"], "ci_low": row["ci_low"], "ci_high": row["ci_high"]}
                    ends = {key: float(np.exp(value)) for key, value in ends.items()}
                    rows.append(about | {"quantity": row["quantity"]} | ends)
    return pd.DataFrame(rows, columns=RATIOS)


def reliability_table(values: pd.DataFrame, readers: Sequence[str], unit: str) -> pd.DataFrame:
    """Compute ICC(A,1) and ICC(A,k) of status (all scans and per session) and of change (post less pre), raw and on log(x + 1).

    Returns
    -------
    DataFrame
        By `RELIABILITY`; no rows with fewer than two readers.
    """
    rows = []
    for measure, (column, _) in measured_by(unit).items():
        wide = side_by_side(values, column)
        if len(wide.columns) < 2:
            continue
        for scale in ("raw", "log"):
            table = on_scale(wide[[reader for reader in readers if reader in wide]], scale)
            about = {"measure": measure, "scale": scale}
            of_session = table.index.get_level_values("session")
            for sessions in ("all", *dict.fromkeys(of_session)):
                part = table if sessions == "all" else table[of_session == sessions]
                found = reliability(part, part.index.get_level_values("subject").to_numpy())
                rows.append(about | {"of": "status", "sessions": sessions} | found)
            change = change_by_reader(values.assign(**{column: on_scale(values[column], scale)}), readers, column)
            rows.append(
                about | {"of": "change", "sessions": "post - pre"} | reliability(change, change.index.to_numpy())
            )
    return pd.DataFrame(rows, columns=RELIABILITY)


def change_by_reader(values: pd.DataFrame, readers: Sequence[str], column: str) -> pd.DataFrame:
    """Change (post less pre) of a column: one row per subject, one column per reader; NaN where a session is missing."""
    long = values.rename(columns={column: "value"})[["subject", "session", "reader", "value"]].dropna()
    table = changes(long, [reader for reader in readers if reader in set(long["reader"])])
    return table[table["reader"].isin(readers)].pivot(index="subject", columns="reader", values="change")
