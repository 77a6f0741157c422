"""Primary analyses that a study declares (`statistics.primary` of its config), in tables and in words.

Only analyses whose intervals were found to cover (docs/statistics.md) are called primary. The paper's own can be shown first.
"""

import pandas as pd

PAPER = "paper"
AGREEMENT = {
    PAPER: "the limits of agreement of V_HI, with scans taken as independent",
    "log_limits": "the limits of agreement of log(V_HI + 1), with scans clustered within subjects (MOVER, Zou and Donner 2008)",
    "limits_by_mean": "the limits of agreement of V_HI as a function of the mean (Bland and Altman 1999)",
}
RELATION = {
    PAPER: "the least-squares slope of V_HI on SPARCC, with scans taken as independent",
    "log_slope": "the slope of log(V_HI + 1) on SPARCC, with scans clustered within subjects (CR2, Satterthwaite)",
}
ROWS = {PAPER: ("raw", "paper"), "log_limits": ("log", "clustered"), "limits_by_mean": ("raw", "by_mean")}
INTERVALS = {PAPER: ("raw", PAPER), "log_slope": ("log", "slope_clustered")}
"""Scale and method of the declared rows of limits, and scale and interval of those of the relation."""


def with_primary_limits(table: pd.DataFrame, declared: str) -> pd.DataFrame:
    """Mark the declared rows of limits.tsv or limits_by_mean.tsv and show them first.

    Column ``primary``: yes, no, or paper for the paper's own analysis, which is shown first but not called primary.
    """
    scale, method = ROWS.get(declared, (None, None))
    chosen = (table["measure"] == "V_HI") & (table["scale"] == scale) & (table["method"] == method)
    if "sessions" in table:
        chosen &= table["sessions"] == "all"
    table = table.assign(primary=chosen.map({True: PAPER if declared == PAPER else "yes", False: "no"}))
    return table.sort_values("primary", ascending=False, kind="stable", ignore_index=True)


def with_primary_relation(table: pd.DataFrame, declared: str) -> pd.DataFrame:
    """Name the primary interval of relation.tsv in its rows: column ``primary``; paper for that of the paper."""
    scale, interval = INTERVALS.get(declared, (None, None))
    return table.assign(primary=(table["scale"] == scale).map({True: interval, False: "no"}))


def declared_in_words(primary: dict, two_readers: bool, sparcc: bool) -> dict[str, list[str]]:
    """Give the words of what the config declares: lists ``primary`` and ``first`` (the paper's own, shown first)."""
    words = [AGREEMENT.get(primary["agreement"])] if two_readers else []
    words += [RELATION.get(primary["relation"])] if sparcc else []
    of_paper = (AGREEMENT[PAPER], RELATION[PAPER])
    return {
        "primary": [said for said in words if said and said not in of_paper],
        "first": [said for said in words if said in of_paper],
    }
