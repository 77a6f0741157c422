"""Primary analyses that a study declares (`statistics.primary` of its config), in tables and in words."""

import pandas as pd

AGREEMENT = {
    "paper": "the limits of agreement of V_HI, with scans taken as independent, as in the paper",
    "log_limits": "the limits of agreement of log(V_HI + 1), with scans clustered within subjects (MOVER, Zou and Donner 2008)",
    "limits_by_mean": "the limits of agreement of V_HI as a function of the mean (Bland and Altman 1999)",
}
RELATION = {
    "paper": "the least-squares slope of V_HI on SPARCC, with scans taken as independent, as in the paper",
    "log_slope": "the slope of log(V_HI + 1) on SPARCC, with scans clustered within subjects (CR2, Satterthwaite)",
    "log_link": "the slope of the logarithm of mean V_HI on SPARCC (quasi-Poisson, leaving out each subject)",
}
ROWS = {"paper": ("raw", "paper"), "log_limits": ("log", "clustered"), "limits_by_mean": ("raw", "by_mean")}
INTERVALS = {"paper": ("raw", "slope"), "log_slope": ("log", "slope_clustered"), "log_link": ("raw", "log_link")}
"""Scale and method of the primary rows of limits, and scale and interval of those of the relation."""


def with_primary_limits(table: pd.DataFrame, declared: str) -> pd.DataFrame:
    """Mark and show first the primary rows of limits.tsv or limits_by_mean.tsv: column ``primary``."""
    scale, method = ROWS.get(declared, (None, None))
    chosen = (table["measure"] == "V_HI") & (table["scale"] == scale) & (table["method"] == method)
    if "sessions" in table:
        chosen &= table["sessions"] == "all"
    table = table.assign(primary=chosen.map({True: "yes", False: "no"}))
    return table.sort_values("primary", ascending=False, kind="stable", ignore_index=True)


def with_primary_relation(table: pd.DataFrame, declared: str) -> pd.DataFrame:
    """Name the primary interval of relation.tsv in its rows: column ``primary``."""
    scale, interval = INTERVALS.get(declared, (None, None))
    return table.assign(primary=(table["scale"] == scale).map({True: interval, False: "no"}))
