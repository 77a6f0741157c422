"""V_HI over time: a mixed model of log(V_HI + 1) by visit, arm, site and reader, with subjects as random effects."""

import warnings
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.regression.mixed_linear_model import MixedLM, VCSpec
from statsmodels.tools.sm_exceptions import ConvergenceWarning

from vhi.statistics.estimates import NAN
from vhi.statistics.jackknife import FEWEST_SUBJECTS

MIXED = [
    "term",
    "kind",
    "n",
    "n_subjects",
    "estimate",
    "se",
    "ci_low",
    "ci_high",
    "ratio",
    "df",
    "statistic",
    "p",
    "note",
]
"""Columns of mixed_model.tsv. Kinds: ``fixed``, ``variance`` and ``test`` (Wald, of all terms of one factor)."""


def mixed_model(
    values: pd.DataFrame, sessions: Sequence[str], arms: Mapping[str, str], sites: Mapping[str, str]
) -> pd.DataFrame:
    """Fit log(V_HI + 1) of every reading by restricted maximum likelihood.

    Parameters
    ----------
    values : DataFrame
        ``scan subject session reader vhi``, one row per reading; missing visits and readers are allowed.
    sessions : sequence of str
        Visits in their order; the first is the reference.
    arms, sites : mapping of str to str
        By subject; a factor with fewer than two levels is left out.

    Returns
    -------
    DataFrame
        `MIXED`. Fixed effects: visit, arm, their interaction, site and reader, against the first level of each; ``ratio`` is
        exp(estimate), of V_HI + 1. Variances: of subjects, of scans within subjects where there are several readers, and of the rest.
        Tests: Wald's chi squared of all terms of a factor. One row with a note alone where fewer than `FEWEST_SUBJECTS` subjects
        were read, or where the model cannot be fitted.

    Notes
    -----
    Wald intervals by the normal distribution, which are too short with few subjects. The difference of two arms at a visit is
    the interaction term.

    References
    ----------
    Laird NM, Ware JH. Biometrics 1982; 38: 963-974.
    """
    table = values.dropna(subset=["vhi"])
    table = table.assign(y=np.log1p(table["vhi"].astype(float)))
    design, factors = _design(table, sessions, arms, sites)
    subjects = table["subject"].nunique()
    about = {"n": len(table), "n_subjects": subjects}
    if subjects < FEWEST_SUBJECTS:
        return _reason(about, f"fewer than {FEWEST_SUBJECTS} subjects: no model")
    if np.linalg.matrix_rank(design.to_numpy()) < design.shape[1]:
        return _reason(about, "some arm, site or reader has no reading at some visit: no model")
    several = (
        table.groupby("scan")["reader"].nunique().max() > 1 and table.groupby("subject")["scan"].nunique().max() > 1
    )
    found = fit(table["y"].to_numpy(), design.to_numpy(), table["subject"], table["scan"] if several else None)
    if found is None:
        return _reason(about, "the fit did not converge: no model")
    estimate, covariance, variances = found
    se = np.sqrt(np.diag(covariance))
    rows = [
        {"term": name, "kind": "fixed", "estimate": b, "se": s, "ci_low": b - 1.96 * s, "ci_high": b + 1.96 * s}
        | {"ratio": np.exp(b), "df": 1, "statistic": (b / s) ** 2, "p": _chi2(b / s) if s else NAN}
        for name, b, s in zip(design, estimate, se, strict=True)
    ]
    rows += [{"term": name, "kind": "variance", "estimate": value} for name, value in variances.items()]
    for factor, names in factors.items():
        at = [list(design).index(name) for name in names]
        if at:
            statistic = float(estimate[at] @ np.linalg.solve(covariance[np.ix_(at, at)], estimate[at]))
            row = {"df": len(at), "statistic": statistic, "p": _chi2(np.sqrt(statistic), len(at))}
            rows.append({"term": factor, "kind": "test"} | row)
    return pd.DataFrame([about | row for row in rows], columns=MIXED)


def fit(
    y: np.ndarray, x: np.ndarray, subjects: pd.Series, scans: pd.Series | None
) -> tuple[np.ndarray, np.ndarray, dict[str, float]] | None:
    """Fit y on x with random intercepts of subjects and, where given, of scans within them, by restricted maximum likelihood.

    Returns
    -------
    estimate : (terms,) array
    covariance : (terms, terms) array
    variances : dict of float
        ``subject``, ``scan`` and ``rest``.
        None in place of the three where the fit does not converge.
    """
    who, names = subjects.to_numpy(), sorted(pd.unique(subjects))
    parts = None
    if scans is not None:
        blocks = [pd.get_dummies(scans[who == name], dtype=float) for name in names]
        parts = VCSpec(["scan"], [[list(block) for block in blocks]], [[block.to_numpy() for block in blocks]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            found = MixedLM(y, x, groups=who, exog_re=np.ones((len(y), 1)), exog_vc=parts).fit(
                reml=True, method="lbfgs"
            )
        except (np.linalg.LinAlgError, ValueError):
            return None
    count = x.shape[1]
    covariance = np.asarray(found.cov_params())[:count, :count]
    if not (found.converged and np.isfinite(covariance).all() and (np.diag(covariance) > 0).all()):
        return None
    variances = {"subject": float(np.asarray(found.cov_re)[0, 0])} | ({"scan": float(found.vcomp[0])} if parts else {})
    return np.asarray(found.fe_params), covariance, variances | {"rest": float(found.scale)}


def _design(table, sessions, arms, sites):
    """Columns of the fixed effects, and the names of those of each factor."""
    arm, site = (table["subject"].map(dict(of)) for of in (arms, sites))
    columns = {"intercept": pd.Series(1.0, table.index)}
    factors = {"session": _levels(table["session"], [s for s in sessions if s in set(table["session"])])}
    factors["arm"] = _levels(arm, list(dict.fromkeys(arms.values())))
    factors["session x arm"] = {
        f"{visit} x {of}": in_visit * in_arm
        for visit, in_visit in factors["session"].items()
        for of, in_arm in factors["arm"].items()
    }
    factors["site"] = _levels(site, list(dict.fromkeys(sites.values())))
    factors["reader"] = _levels(table["reader"], list(dict.fromkeys(table["reader"])))
    names = {}
    for factor, of in factors.items():
        columns |= {f"{factor}: {name}": column for name, column in of.items()}
        names[factor] = [f"{factor}: {name}" for name in of]
    return pd.DataFrame(columns), names


def _levels(values: pd.Series, levels: Sequence[str]) -> dict[str, pd.Series]:
    """An indicator of every level after the first that occurs; of none where some value is missing."""
    there = [level for level in levels if (values == level).any()]
    return {} if values.isna().any() else {level: (values == level).astype(float) for level in there[1:]}


def _chi2(root: float, df: int = 1) -> float:
    return float(stats.chi2.sf(root**2, df))


def _reason(about: Mapping, note: str) -> pd.DataFrame:
    return pd.DataFrame([about | {"note": note}], columns=MIXED)
