"""Estimates from scans of which two belong to one subject: they are not independent, and their intervals must say so."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from vhi.agreement import LimitsOfAgreement

FEWEST = 4  # degrees of freedom within subjects under which their variance is not told from the rest
Z = 1.96  # as Bland and Altman print it, and as the paper's limits are computed


@dataclass(frozen=True)
class Components:
    """Variance components of differences d = session mean + subject + rest, by the method of moments.

    Attributes
    ----------
    scans, subjects : int
    mean, mean_variance : float
        Mean over all scans and its variance, by the sums of each subject's deviations.
    between, within : float
        Mean squares between subjects and within them, session means removed.
    df_between, df_within : int
        0 within where too few subjects have two scans: `between` is then the variance of all scans.
    scans_each : float
        Scans per subject; where numbers differ, (N - sum m^2 / N) / (subjects - 1).
    """

    scans: int
    subjects: int
    mean: float
    mean_variance: float
    between: float
    within: float
    df_between: int
    df_within: int
    scans_each: float

    @property
    def subject_variance(self) -> float:
        """Variance of subjects, not bounded by 0; NaN where it cannot be told from the rest."""
        return (self.between - self.within) / self.scans_each if self.df_within else float("nan")

    @property
    def total_variance(self) -> float:
        """Variance of a single difference, unbiased: that of subjects and of the rest."""
        return self.between / self.scans_each + (1 - 1 / self.scans_each) * self.within


def components(differences: np.ndarray, subjects: np.ndarray, sessions: np.ndarray) -> Components:
    """Estimate variance components of differences in closed form.

    Parameters
    ----------
    differences : (n,) array
        One value per scan; NaN is left out.
    subjects, sessions : (n,) array
        Names.

    Returns
    -------
    Components
        Session means are removed first, so that a shift common to all follow-up scans is no variance.

    References
    ----------
    Bland JM, Altman DG. Stat Methods Med Res 1999; 8: 135-160. J Biopharm Stat 2007; 17: 571-582.
    """
    d, subjects, sessions = np.asarray(differences, float), np.asarray(subjects), np.asarray(sessions)
    known = ~np.isnan(d)
    d, (_, who), (_, when) = d[known], *(np.unique(x[known], return_inverse=True) for x in (subjects, sessions))
    n, counts = d.size, np.bincount(who)
    people = counts.size
    mean, nan = float(d.mean()) if n else float("nan"), float("nan")
    if people < 2:
        return Components(n, people, mean, nan, nan, nan, 0, 0, nan)
    sums = np.bincount(who, d - mean)
    mean_variance = float((sums**2).sum() / n**2 * people / (people - 1))  # of balanced data: mean square / scans
    df_within = n - people - int(when.max())
    if df_within < FEWEST:
        return Components(n, people, mean, mean_variance, float(d.var(ddof=1)), 0.0, people - 1, 0, 1.0)
    rest = d - (np.bincount(when, d) / np.bincount(when))[when]
    means = np.bincount(who, rest) / counts
    between = float((counts * (means - rest.mean()) ** 2).sum() / (people - 1))
    within = float(((rest - means[who]) ** 2).sum() / df_within)
    each = float((n - (counts**2).sum() / n) / (people - 1))
    return Components(n, people, mean, mean_variance, between, within, people - 1, df_within, each)


def clustered_limits(differences: np.ndarray, subjects: np.ndarray, sessions: np.ndarray) -> LimitsOfAgreement:
    """Compute bias and 95 % limits of agreement of differences of which several belong to one subject.

    Parameters
    ----------
    differences : (n,) array
        First reader less second, one per scan; NaN is left out.
    subjects, sessions : (n,) array

    Returns
    -------
    LimitsOfAgreement
        The SD is that of a single difference, between and within subjects. Intervals of the limits by MOVER, the method of
        variance estimates recovery, from that of the bias (t distribution of subjects) and that of the SD: its logarithm
        by leaving out each subject, which needs no normal differences. Where that is undefined (fewer than three subjects,
        or no spread without one of them), by the chi-squared distribution of the mean squares.

    References
    ----------
    Zou GY. Confidence interval estimation for the Bland-Altman limits of agreement with multiple observations per
    individual. Stat Methods Med Res 2013; 22: 630-642.
    """
    differences = np.asarray(differences, float)
    known = ~np.isnan(differences)
    differences, subjects, sessions = differences[known], np.asarray(subjects)[known], np.asarray(sessions)[known]
    found = components(differences, subjects, sessions)
    nan = float("nan")
    if not found.df_between:
        return LimitsOfAgreement(found.scans, found.mean, nan, nan, nan, (nan, nan), (nan, nan), (nan, nan))
    sd = float(np.sqrt(found.total_variance))
    t = stats.t.ppf(0.975, found.df_between)
    of_bias = float(t * np.sqrt(found.mean_variance))
    sd_low, sd_high = _sd_interval(sd, found, differences, subjects, sessions)
    inner, outer = float(np.hypot(of_bias, Z * (sd - sd_low))), float(np.hypot(of_bias, Z * (sd_high - sd)))
    lower, upper = found.mean - Z * sd, found.mean + Z * sd
    return LimitsOfAgreement(
        found.scans, found.mean, sd, lower, upper, (found.mean - of_bias, found.mean + of_bias),
        (lower - outer, lower + inner), (upper - inner, upper + outer),
    )  # fmt: skip


def _sd_interval(sd, found, differences, subjects, sessions):
    """95 % interval of the SD of a single difference."""
    left_out = [
        components(differences[kept], subjects[kept], sessions[kept]).total_variance ** 0.5
        for kept in without_each(subjects)
    ]
    with np.errstate(divide="ignore"):
        low, high = jackknife_interval(sd, np.array(left_out), np.log, np.exp)
    if np.isfinite([low, high]).all():
        return low, high
    shares = [(1 / found.scans_each, found.between, found.df_between)]
    if found.df_within:
        shares.append((1 - 1 / found.scans_each, found.within, found.df_within))
    below, above = (  # of the variance, from those of the mean squares
        sum((share * square * (1 - df / stats.chi2.ppf(q, df))) ** 2 for share, square, df in shares) ** 0.5
        for q in (0.975, 0.025)
    )
    return np.sqrt(max(0.0, sd**2 - below)), np.sqrt(sd**2 + above)


def jackknife_interval(
    estimate: float, left_out: np.ndarray, there: Callable = float, back: Callable = float
) -> tuple[float, float]:
    """Compute a 95 % interval from an estimate and those without each subject.

    Parameters
    ----------
    estimate : float
    left_out : (subjects,) array
        The same estimate without each subject.
    there, back : callable
        Transformation to a scale on which the estimate is about normal, and back.

    Returns
    -------
    tuple of float
        By the t distribution of subjects less one; NaN with fewer than three subjects or undefined estimates. For a
        least-squares slope this is the covariance CR3.

    References
    ----------
    Efron B, Stein C. Ann Stat 1981; 9: 586-596. Bell RM, McCaffrey DF. Survey Methodology 2002; 28: 169-181.
    """
    values = np.array([there(value) for value in np.asarray(left_out, float)])
    at = there(estimate)
    n = values.size
    if n < 3 or not np.isfinite(at) or not np.isfinite(values).all():
        return float("nan"), float("nan")
    half = stats.t.ppf(0.975, n - 1) * np.sqrt((n - 1) / n * ((values - values.mean()) ** 2).sum())
    return float(back(at - half)), float(back(at + half))


def without_each(subjects: np.ndarray) -> list[np.ndarray]:
    """Give, for each subject in turn, which scans are left without it."""
    subjects = np.asarray(subjects)
    return [subjects != subject for subject in dict.fromkeys(subjects.tolist())]


def line(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Slope and intercept of the least-squares line; NaN where x does not vary."""
    deviation = x - x.mean() if x.size else x
    spread = (deviation**2).sum()
    if not spread:
        return float("nan"), float("nan")
    slope = float((deviation * y).sum() / spread)
    return slope, float(y.mean() - slope * x.mean())


def clustered_line(x: np.ndarray, y: np.ndarray, subjects: np.ndarray) -> dict[str, tuple[float, float]]:
    """95 % intervals of slope and intercept where scans of one subject belong together: leave out each subject (CR3).

    Returns
    -------
    dict
        ``slope`` and ``intercept``, each (low, high); NaN with fewer than three subjects.
    """
    whole = line(x, y)
    left_out = np.array([line(x[kept], y[kept]) for kept in without_each(subjects)]).reshape(-1, 2)
    names = ("slope", "intercept")
    return {name: jackknife_interval(whole[place], left_out[:, place]) for place, name in enumerate(names)}
