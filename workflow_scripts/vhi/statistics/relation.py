"""Relation of V_HI to SPARCC, per reader (paper, section 2.7.2 and Fig 6)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.diagnostic import het_breuschpagan
from statsmodels.tools.tools import add_constant

from vhi.statistics.estimates import NAN, columns, ends
from vhi.statistics.jackknife import reason_without_interval
from vhi.statistics.regression import influence, regress
from vhi.statistics.slopes import clustered_line, log_link_slope
from vhi.statistics.values import SCALES, cut_of, on_scale, unit_on

NAMES = ["", "_ci_low", "_ci_high", "_p", "_clustered_ci_low", "_clustered_ci_high", "_clustered_p"]
DIAGNOSTICS = ["breusch_pagan_p", "shapiro_p", "largest_cook", "influential_scans"]
RELATION = [
    *("reader", "scale", "unit", "cut", "n_scans", "n_subjects"),
    *(f"{coefficient}{name}" for coefficient in ("slope", "intercept") for name in NAMES),
    *columns("log_link"),
    *("log_link_p", "r2", "spearman", *DIAGNOSTICS, "note"),
]


def relation_table(values: pd.DataFrame, readers: Sequence[str], unit: str, quantile: float) -> pd.DataFrame:
    """Regress each reader's V_HI on the same reader's SPARCC: raw, truncated, and log(V_HI + 1).

    Parameters
    ----------
    values : DataFrame
        ``scan subject session reader sparcc`` and ``vhi_<unit>``.
    readers : sequence of str
    unit : {"voxels", "mm3"}
    quantile : float
        Truncated: without scans whose V_HI is above this quantile of all readings (`cut`).

    Returns
    -------
    DataFrame
        By `RELATION`. Slopes are in the unit of the scale per point of SPARCC; `..._clustered` intervals and P know that two
        scans belong to one subject (CR2). `log_link`, of raw values: slope of the logarithm of the mean, per point of SPARCC.
        P of Breusch-Pagan (unequal spread) and of Shapiro-Wilk (residuals not normal); Cook's distance above 4 / n is
        influential. NaN where fewer than three scans or equal SPARCC leave no line.
    """
    column = f"vhi_{unit}"
    cut, rows = cut_of(values[column], quantile), []
    for reader in readers:
        of_reader = values[values["reader"] == reader].dropna(subset=[column, "sparcc"])
        for scale in SCALES:
            part = of_reader[of_reader[column] <= cut] if scale == "truncated" else of_reader
            x, y = part["sparcc"].to_numpy(float), on_scale(part[column].to_numpy(float), scale)
            about = {"reader": reader, "scale": scale, "unit": unit_on(scale, unit), "cut": cut}
            about |= {"n_scans": len(part), "n_subjects": part["subject"].nunique()}
            found = regress(x, y) | _diagnostics(part["scan"].to_numpy(), x, y)
            for name, of in clustered_line(x, y, part["subject"].to_numpy()).items():
                found |= ends(of.ci, f"{name}_clustered") | {f"{name}_clustered_p": of.p}
            if scale == "raw":
                of = log_link_slope(x, y, part["subject"].to_numpy())
                found |= {"log_link": of.estimate, "log_link_p": of.p} | ends(of.ci, "log_link")
            reason = reason_without_interval(about["n_subjects"])
            rows.append(found | about | {"note": f"clustered, {reason}" if reason else None})
    return pd.DataFrame(rows, columns=RELATION)


def _diagnostics(scans: np.ndarray, x: np.ndarray, y: np.ndarray) -> dict:
    found = dict.fromkeys(DIAGNOSTICS, NAN)
    each = influence(scans, x, y)
    if each.empty or np.ptp(y) == 0:
        return found
    design = add_constant(x)
    residuals = OLS(y, design).fit().resid
    if np.ptp(residuals) < 1e-9 * np.ptp(y):
        return found  # all on the line
    cook = each["cook"].dropna()
    influential = int((each["influential"] == "yes").sum())
    p = het_breuschpagan(residuals, design)[1], stats.shapiro(residuals).pvalue
    return dict(zip(DIAGNOSTICS, (*map(float, p), float(cook.max()), influential), strict=True))
