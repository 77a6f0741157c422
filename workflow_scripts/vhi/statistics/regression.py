"""Regression of the change in V_HI on the change in SPARCC, and what each patient does to it (paper, section 3.5)."""

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.regression.linear_model import OLS
from statsmodels.tools.tools import add_constant

from vhi.statistics.estimates import NAN, columns, ends
from vhi.statistics.jackknife import sums_without_each

COEFFICIENTS = ("intercept", "slope")
REGRESSION = [
    "n",
    *(column for name in reversed(COEFFICIENTS) for column in (*columns(name), f"{name}_p")),
    *("r2", "slope_hc3_ci_low", "slope_hc3_ci_high", "slope_hc3_p"),
    *("theil_sen_slope", "theil_sen_ci_low", "theil_sen_ci_high", "theil_sen_intercept", "spearman", "spearman_p"),
]
INFLUENCE = [
    *("subject", "x", "y", "fitted", "studentised_residual", "leverage", "cook", "influential"),
    *("slope_without", "r2_without", "slope_p_without"),
]


def regress(x: np.ndarray, y: np.ndarray) -> dict:
    """Fit y on x by ordinary least squares and by Theil and Sen.

    Parameters
    ----------
    x, y : (n,) array
        Pairs with a NaN are left out.

    Returns
    -------
    dict
        By `REGRESSION`: estimates with 95 % intervals and P, those of the slope also with a covariance that does not
        need equal spread (HC3); Theil-Sen slope with its 95 % interval; Spearman's rank correlation. NaN with fewer than
        three pairs or where x does not vary; HC3 and P also NaN where three points leave a leverage of 1.
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    known = ~(np.isnan(x) | np.isnan(y))
    x, y = x[known], y[known]
    found = dict.fromkeys(REGRESSION, NAN) | {"n": int(x.size)}
    if x.size < 3 or np.ptp(x) == 0:
        return found
    fit = OLS(y, add_constant(x)).fit()
    for name, value, interval, p in zip(COEFFICIENTS, fit.params, fit.conf_int(), fit.pvalues, strict=True):
        found |= {name: value, f"{name}_p": p} | ends(interval, name)
    found["r2"] = fit.rsquared if np.ptp(y) else NAN
    if fit.get_influence().hat_matrix_diag.max() < 1 - 1e-9:
        robust = fit.get_robustcov_results("HC3", use_t=True)
        found |= ends(robust.conf_int()[1], "slope_hc3") | {"slope_hc3_p": robust.pvalues[1]}
    theil = stats.theilslopes(y, x, 0.95, method="joint")
    found |= {"theil_sen_slope": theil.slope, "theil_sen_intercept": theil.intercept}
    found |= ends((theil.low_slope, theil.high_slope), "theil_sen")
    if np.ptp(y):
        found["spearman"], found["spearman_p"] = stats.spearmanr(x, y)
    return {key: value if key == "n" else float(value) for key, value in found.items()}


def influence(subjects: np.ndarray, x: np.ndarray, y: np.ndarray) -> pd.DataFrame:
    """Tell what each patient does to the regression of y on x.

    Parameters
    ----------
    subjects : (n,) array
    x, y : (n,) array
        Pairs with a NaN are left out.

    Returns
    -------
    DataFrame
        By `INFLUENCE`, largest Cook's distance first: externally studentised residual, leverage, Cook's distance, whether
        it exceeds 4 / n, and slope, R2 and P of the fit without the patient. No rows with fewer than four pairs or where x
        does not vary.

    References
    ----------
    Cook RD. Technometrics 1977; 19: 15-18. Bollen KA, Jackman RW 1990 (4 / n).
    """
    x, y, subjects = np.asarray(x, float), np.asarray(y, float), np.asarray(subjects)
    known = ~(np.isnan(x) | np.isnan(y))
    x, y, subjects = x[known], y[known], subjects[known]
    if x.size < 4 or np.ptp(x) == 0:
        return pd.DataFrame(columns=INFLUENCE)
    fit = OLS(y, add_constant(x)).fit()
    found = fit.get_influence()
    free = 1 - found.hat_matrix_diag
    with np.errstate(divide="ignore", invalid="ignore"):
        variance_without = (fit.ssr - fit.resid**2 / free) / (x.size - 3)
        studentised = fit.resid / np.sqrt(variance_without * free)
        cells = subjects, x, y, fit.fittedvalues, studentised, found.hat_matrix_diag, found.cooks_distance[0]
    table = pd.DataFrame(dict(zip(INFLUENCE, cells, strict=False)))
    table["influential"] = np.where(table["cook"] > 4 / x.size, "yes", "no")
    rest = sums_without_each(x, y, np.arange(x.size))
    r2, df = np.minimum(1, rest.slope * rest.xy / rest.yy), x.size - 3
    with np.errstate(divide="ignore"):
        t = np.sqrt(r2 * df / (1 - r2))
    table["slope_without"], table["r2_without"], table["slope_p_without"] = rest.slope, r2, 2 * stats.t.sf(t, df)
    return table.sort_values("cook", ascending=False, kind="stable")[INFLUENCE].reset_index(drop=True)


def change_regression(changes: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Regress the change in V_HI on the change in SPARCC, per reader who has both and per visit, from changes.tsv.

    Gives ``reader session unit_of_vhi`` and `REGRESSION`; ``reader session`` and `INFLUENCE`, x and y named ``change_sparcc
    change_vhi``.
    """
    unit = changes.loc[changes["measure"] == "vhi", "unit"].iloc[0]
    rows, single = [], [pd.DataFrame()]
    for (session, reader), table in changes.groupby(["session", "reader"], sort=False):
        wide = table.pivot(index="subject", columns="measure", values="change")
        if {"vhi", "sparcc"} <= set(wide):
            rows.append(
                {"reader": reader, "session": session, "unit_of_vhi": unit} | regress(wide["sparcc"], wide["vhi"])
            )
            single.append(influence(wide.index, wide["sparcc"], wide["vhi"]).assign(reader=reader, session=session))
    each = pd.concat(single[1:] or single).reindex(columns=["reader", "session", *INFLUENCE])
    regression = pd.DataFrame(rows, columns=["reader", "session", "unit_of_vhi", *REGRESSION])
    return regression, each.rename(columns={"x": "change_sparcc", "y": "change_vhi"})
