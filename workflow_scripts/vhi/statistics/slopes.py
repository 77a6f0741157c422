"""Slopes where scans of one subject belong together: least squares with CR2, and a line on the logarithm of the mean."""

from typing import NamedTuple

import numpy as np
from scipy import stats

from vhi.statistics.estimates import NAN, UNKNOWN
from vhi.statistics.jackknife import FEWEST_SUBJECTS, jackknife_interval, jackknife_se

ITERATIONS = 100  # of Newton's method; most fits take six


class Clustered(NamedTuple):
    """An estimate with standard error, degrees of freedom, 95 % interval and P of 0, all of one method; NaN without."""

    estimate: float = NAN
    se: float = NAN
    df: float = NAN
    ci: tuple[float, float] = UNKNOWN
    p: float = NAN


def of_t(estimate: float, se: float, df: float) -> Clustered:
    """Interval and P by a t distribution; none where se is 0 or undefined."""
    if not (np.isfinite(se) and se > 0 and np.isfinite(df) and df > 0):
        return Clustered(estimate)
    half = float(stats.t.ppf(0.975, df) * se)
    p = float(2 * stats.t.sf(abs(estimate / se), df))
    return Clustered(estimate, float(se), float(df), (estimate - half, estimate + half), p)


def line(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Slope and intercept of the least-squares line; NaN where x does not vary."""
    deviation = x - x.mean() if x.size else x
    spread = (deviation**2).sum()
    if not spread:
        return UNKNOWN
    slope = float((deviation * y).sum() / spread)
    return slope, float(y.mean() - slope * x.mean())


def clustered_line(x: np.ndarray, y: np.ndarray, subjects: np.ndarray) -> dict[str, Clustered]:
    """Fit the least-squares line with the bias-reduced covariance CR2 and Satterthwaite's degrees of freedom.

    Parameters
    ----------
    x, y : (n,) array
    subjects : (n,) array
        Scans of one subject form a cluster.

    Returns
    -------
    dict
        ``slope`` and ``intercept``; the working model is independent scans of equal spread. No interval with fewer than
        `FEWEST_SUBJECTS` or where all points lie on the line.

    References
    ----------
    Bell RM, McCaffrey DF. Surv Methodol 2002; 28: 169-181. Pustejovsky JE, Tipton E. J Bus Econ Stat 2018; 36: 672-683.
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    at = dict(zip(("slope", "intercept"), line(x, y), strict=True))
    _, who = np.unique(np.asarray(subjects), return_inverse=True)
    if not np.isfinite(at["slope"]) or who.max() + 1 < FEWEST_SUBJECTS:
        return {name: Clustered(value) for name, value in at.items()}
    design = np.column_stack([x, np.ones(x.size)])
    bread = np.linalg.inv(design.T @ design)
    residuals = y - at["intercept"] - at["slope"] * x
    if np.ptp(residuals) <= 1e-9 * np.ptp(y):
        return {name: Clustered(value) for name, value in at.items()}
    scores, adjusted, sizes = [], [], []
    for cluster in range(who.max() + 1):
        mine = design[who == cluster]
        values, vectors = np.linalg.eigh(np.eye(len(mine)) - mine @ bread @ mine.T)
        kept = values > 1e-9
        weights = (vectors[:, kept] / np.sqrt(values[kept])) @ (vectors[:, kept].T @ mine @ bread)
        scores.append(weights.T @ residuals[who == cluster])
        adjusted.append(mine.T @ weights)
        sizes.append((weights**2).sum(axis=0))
    found = {}
    for place, (name, value) in enumerate(at.items()):
        each = np.array(adjusted)[:, :, place]
        inner = np.diag(np.array(sizes)[:, place]) - each @ bread @ each.T
        df = np.trace(inner) ** 2 / (inner**2).sum()
        found[name] = of_t(value, np.sqrt((np.array(scores)[:, place] ** 2).sum()), df)
    return found


def poisson_lines(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Fit log E(y) = a + b x by quasi-likelihood with variance proportional to the mean, once for each row of weights.

    Parameters
    ----------
    x, y : (n,) array
        y at least 0.
    weights : (fits, n) array

    Returns
    -------
    (fits, 2) array
        Intercept and slope; NaN where a fit does not converge or x does not vary.

    References
    ----------
    McCullagh P, Nelder JA. Generalized Linear Models. 1989, chapter 9. Newton's method on all fits at once.
    """
    centre, spread = x.mean(), np.ptp(x) or 1.0
    z = (x - centre) / spread
    with np.errstate(all="ignore"):
        eta = np.log(y + y.mean() / 10 + 1e-12)[None]
        for step in range(ITERATIONS):
            mean = np.exp(np.clip(eta, -50, 50))
            w = weights * mean
            working = eta + (y - mean) / mean
            total, at_z = w.sum(axis=1), (w * z).sum(axis=1)
            middle = at_z / total
            away = z - middle[:, None]
            slope = (w * away * working).sum(axis=1) / (w * away**2).sum(axis=1)
            intercept = (w * working).sum(axis=1) / total - slope * middle
            new = intercept[:, None] + slope[:, None] * z
            moved = np.abs(new - eta).max(axis=1)
            eta = new
            if step and not (moved > 1e-10).any():
                break
        slope[~(moved < 1e-6)] = np.nan
    return np.column_stack([intercept - slope * centre / spread, slope / spread])


def with_and_without(subjects: np.ndarray) -> np.ndarray:
    """Weights (1 + subjects, n) of all scans, and of those without each subject in turn."""
    _, who = np.unique(np.asarray(subjects), return_inverse=True)
    return np.concatenate([np.ones((1, who.size)), who != np.arange(who.max() + 1)[:, None]])


def log_link_slope(x: np.ndarray, y: np.ndarray, subjects: np.ndarray) -> Clustered:
    """Fit the slope of log E(y) on x (`poisson_lines`), with the interval from leaving out each subject.

    Returns
    -------
    Clustered
        The slope is a logarithm of a ratio of means per unit of x. No interval with fewer than `FEWEST_SUBJECTS`.
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    if x.size < 3 or not np.ptp(x) or not y.any():
        return Clustered()
    slopes = poisson_lines(x, y, with_and_without(subjects))[:, 1]
    at, left_out = float(slopes[0]), slopes[1:]
    if not np.isfinite(jackknife_interval(at, left_out)[0]):
        return Clustered(at)
    return of_t(at, jackknife_se(left_out), left_out.size - 1)
