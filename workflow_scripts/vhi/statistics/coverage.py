"""Measured coverage of the 95 % intervals, beside the intervals that tables hold (`benchmarks/coverage.py`)."""

import numpy as np
import pandas as pd

from vhi.statistics.estimates import NAN

OF_TABLE = {
    "limits": [("", "{quantity}", "{method}")],
    "limits_by_mean": [("", "{quantity} at {mean:.0f}", "by_mean")],
    "reliability": [("", "icc_{of}", "jackknife"), ("f", "icc_{of}", "f"), ("icc_k", "icc_{of}", "jackknife")],
    "relation": [
        *((name, name, "paper") for name in ("slope", "intercept")),
        *((f"{name}_clustered", name, "cr2") for name in ("slope", "intercept")),
        ("log_link", "log_slope", "log_link"),
    ],
    "medians": [("", "median", "sign_test")],
    "tests": [("", "median", "sign_test")],
    "gain": [("", "median", "sign_test")],
    "detectable_change": [("", "smallest_detectable_change", "jackknife")],
    "response_means": [("", "{statistic}", "bca")],
    "change_regression": [("slope", "change_slope", "paper"), ("slope_hc3", "change_slope", "hc3")],
    "responders": [
        *((name, "agreement", "exact") for name in ("agreement", "b_of_a", "not_b_of_not_a")),
        *(("kappa", "kappa", "asymptotic"), ("a_of_discordant", "a_of_discordant", "exact")),
    ],
}
"""Intervals of every table: prefix of their columns, estimand and method in the table of coverage."""
OTHER = ("medians", "tests", "gain", "responders")  # no V_HI, so that its distribution says nothing of them
LOGARITHMS = ("log_vhi", "log(V_HI + 1)")


def with_coverage(name: str, table: pd.DataFrame, measured: pd.DataFrame) -> pd.DataFrame:
    """Add the coverage of each interval after its upper end.

    Parameters
    ----------
    name : str
        Of the table, from `OF_TABLE`.
    table : DataFrame
    measured : DataFrame
        ``population subjects estimand method coverage_percent``.

    Returns
    -------
    DataFrame
        With ``coverage_percent``, or ``<estimate>_coverage_percent``: in the population of the row's measure and scale, with
        the number of subjects that is nearest on the logarithm. Empty where there is no interval, where coverage was not
        measured, and for single sessions. Populations: ``raw`` and ``log`` for V_HI on its scales, ``normal`` for all else.
    """
    known = measured.groupby(["population", "estimand", "method"])
    rows = table.to_dict("records")
    for row in rows:
        row["method"] = "howe" if row.get("quantity") == "tolerance" else row.get("method")
    percents = {key: dict(zip(part["subjects"], part["coverage_percent"], strict=True)) for key, part in known}
    table = table.copy()
    for prefix, estimand, method in OF_TABLE[name]:
        before = f"{prefix}_" if prefix else ""
        cells = [
            _percent(percents, (_population(name, row), estimand.format(**row), method.format(**row)), row)
            if np.isfinite(row[f"{before}ci_low"] if row[f"{before}ci_low"] is not None else NAN)
            else NAN
            for row in rows
        ]
        place = table.columns.get_loc(f"{before}ci_high") + 1
        table.insert(place, f"{before}coverage_percent", np.array(cells, float))
    return table


def _population(name, row):
    if name in OTHER:
        return "normal"
    measure, scale = row.get("measure", "V_HI"), row.get("scale", "raw")
    if measure in LOGARITHMS:
        return "log"
    return ("log" if scale == "log" else "raw") if measure in ("V_HI", "vhi") else "normal"


def _percent(percents, key, row):
    subjects = row.get("n_subjects", row.get("n"))
    found = percents.get(key)
    if not found or not subjects or not (row.get("sessions", "all") == "all" or row.get("of") == "change"):
        return NAN
    return found[min(found, key=lambda measured: abs(np.log(measured / subjects)))]
