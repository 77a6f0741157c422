"""Who took part: characteristics, flow of scans, and when the scans were repeated (paper, sections 2.2 and 2.3)."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

CHARACTERISTICS = [
    *("variable", "level", "session", "unit", "n", "missing", "count", "percent"),
    *("mean", "sd", "median", "q1", "q3", "minimum", "maximum"),
]
FLOW = ["stage", "scans", "subjects", "subjects_followed_up", "lost"]
MOST_NAMED = 50
"""Scans that a row of the flow names."""
WINDOW = ["subject", "biologic_class", "weeks", "earliest_weeks", "latest_weeks", "within", "reason"]

NUMBERS = {"age": "years", "disease_years": "years"}
KINDS = {
    "sex": ("female", "male"), "hla_b27": ("positive", "negative"), "biologic_class": ("anti-TNF", "anti-IL-17"),
}  # fmt: skip
MEASURED = {
    "basdai": "0 to 10", "asdas_crp": "score", "asdas_esr": "score",
    "spinal_vas_cm": "cm", "crp_mg_l": "mg/L", "esr_mm_h": "mm/h",
}  # fmt: skip


def characteristics(
    subjects: pd.DataFrame, activity: pd.DataFrame, names: Sequence[str], sessions: Sequence[str] = ("pre", "post")
) -> pd.DataFrame:
    """Describe the cohort.

    Parameters
    ----------
    subjects : DataFrame
        ``subject age sex hla_b27 disease_years biologic_class``.
    activity : DataFrame
        From `vhi.statistics.clinical.disease_activity`.
    names : sequence of str
        Every subject with a scan: who has no row or no value is missing.
    sessions : sequence of str
        Visits in their order.

    Returns
    -------
    DataFrame
        By `CHARACTERISTICS`. Numbers: mean, SD (ddof 1), median, quartiles, range. Kinds: a row per level with count and
        percent of those known. `missing` of every variable and session stands beside `n`. No rows of a table without any row.
    """
    rows = []
    if len(subjects):
        known = subjects.set_index("subject").reindex(names)
        rows += [_numbers(variable, "baseline", unit, known[variable]) for variable, unit in NUMBERS.items()]
        for variable, levels in KINDS.items():
            values = known[variable].dropna()
            about = {"variable": variable, "session": "baseline", "n": len(values), "missing": len(names) - len(values)}
            for level in levels:
                count = int((values == level).sum())
                percent = 100 * count / len(values) if len(values) else float("nan")
                rows.append(about | {"level": level, "count": count, "percent": percent})
    if len(activity):
        for variable, unit in MEASURED.items():
            for session in sessions:
                of_session = activity[activity["session"] == session].set_index("subject").reindex(names)
                rows.append(_numbers(variable, session, unit, of_session[variable]))
    return pd.DataFrame(rows, columns=CHARACTERISTICS)


def _numbers(variable: str, session: str, unit: str, values: pd.Series) -> dict:
    known = values.dropna().astype(float)
    row = {"variable": variable, "session": session, "unit": unit, "n": len(known), "missing": len(values) - len(known)}
    if known.empty:
        return row
    q1, median, q3 = np.percentile(known, [25, 50, 75])
    spread = known.std(ddof=1) if len(known) > 1 else float("nan")
    row |= {"mean": known.mean(), "sd": spread, "median": median, "q1": q1, "q3": q3}
    return row | {"minimum": known.min(), "maximum": known.max()}


def flow(scans: pd.DataFrame, stages: Sequence[str], first: str = "pre") -> pd.DataFrame:
    """Count scans and subjects along the way; who is lost is named.

    Parameters
    ----------
    scans : DataFrame
        ``scan subject session`` and one bool column per stage.
    stages : sequence of str
        In order; a scan reaches a stage if it has this one and all before.
    first : str
        The visit before treatment.

    Returns
    -------
    DataFrame
        By `FLOW`: ``subjects_followed_up`` have the first visit and a later one; `lost` names up to `MOST_NAMED` scans that reached
        the stage before.
    """
    rows, left = [], scans
    for stage in stages:
        before, left = left, left[left[stage].astype(bool)]
        sessions = left.groupby("subject")["session"].agg(set)
        lost = before.loc[~before["scan"].isin(left["scan"]), "scan"]
        named = " ".join(lost.iloc[:MOST_NAMED]) + (
            f" and {len(lost) - MOST_NAMED} more" if len(lost) > MOST_NAMED else ""
        )
        rows.append(
            [stage, len(left), len(sessions), sum(first in of and len(of) > 1 for of in sessions), named or None]
        )
    return pd.DataFrame(rows, columns=FLOW)


def repeat_window(
    clinical: pd.DataFrame,
    subjects: pd.DataFrame,
    names: Sequence[str],
    weeks: Mapping[str, float],
    tolerance: float,
    session: str = "post",
) -> pd.DataFrame:
    """Check when each subject was assessed again.

    Parameters
    ----------
    clinical : DataFrame
        ``subject session date_offset_days``: days since the baseline scan.
    subjects : DataFrame
        ``subject biologic_class``.
    names : sequence of str
        Subjects with a follow-up scan.
    weeks : mapping of str to float
        Expected weeks by class of drug.
    tolerance : float
        Weeks on either side, inclusive.
    session : str
        The visit that is checked.

    Returns
    -------
    DataFrame
        By `WINDOW`: within is yes, no or, with the reason, unknown.
    """
    post = clinical[clinical["session"] == session].set_index("subject")["date_offset_days"]
    drug = subjects.set_index("subject")["biologic_class"]
    rows = []
    for name in names:
        days, kind = post.get(name), drug.get(name)
        lacks = [what for what, value in (("date", days), ("class of drug", kind)) if pd.isna(value)]
        row = {"subject": name, "biologic_class": kind, "weeks": days / 7 if pd.notna(days) else None}
        if pd.notna(kind):
            row |= {"earliest_weeks": weeks[kind] - tolerance, "latest_weeks": weeks[kind] + tolerance}
        inside = None if lacks else abs(days - 7 * weeks[kind]) <= 7 * tolerance  # in days, which are whole
        row |= {"within": "unknown" if lacks else "yes" if inside else "no"}
        rows.append(row | {"reason": f"no {' and no '.join(lacks)}" if lacks else None})
    return pd.DataFrame(rows, columns=WINDOW)
