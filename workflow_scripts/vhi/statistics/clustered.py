"""Estimates from scans of which two belong to one subject: they are not independent, and their intervals must say so."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from vhi.statistics.agreement import LimitsOfAgreement
from vhi.statistics.estimates import NAN, Z
from vhi.statistics.jackknife import FEWEST_SUBJECTS, jackknife_interval, without_each

FEWEST = 4  # degrees of freedom within subjects under which their variance is not told from the rest


@dataclass(frozen=True)
class Components:
    """Variance components of differences d = session + subject + rest, by the method of moments.

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
    session_variance : float
        Of the sessions' biases about the mean of all scans, unbiased, so that it can be below 0.
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
    session_variance: float

    @property
    def subject_variance(self) -> float:
        """Variance of subjects, not bounded by 0; NaN where it cannot be told from the rest."""
        return (self.between - self.within) / self.scans_each if self.df_within else NAN

    @property
    def total_variance(self) -> float:
        """Variance of a single difference of any session about the mean of all, unbiased: sessions, subjects and rest."""
        return _total(self.between, self.within, self.scans_each) + self.session_variance


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
        Subjects and the rest with session means removed; what removing them took away is the variance of sessions, so that
        the total is that of Bland and Altman 2007.

    References
    ----------
    Bland JM, Altman DG. Stat Methods Med Res 1999; 8: 135-160. J Biopharm Stat 2007; 17: 571-582.
    """
    d, subjects, sessions = np.asarray(differences, float), np.asarray(subjects), np.asarray(sessions)
    known = ~np.isnan(d)
    d, (_, who), (_, when) = d[known], *(np.unique(x[known], return_inverse=True) for x in (subjects, sessions))
    n, counts = d.size, np.bincount(who)
    people = counts.size
    mean = float(d.mean()) if n else NAN
    if people < 2:
        return Components(n, people, mean, NAN, NAN, NAN, 0, 0, NAN, 0.0)
    sums = np.bincount(who, d - mean)
    mean_variance = float((sums**2).sum() / n**2 * people / (people - 1))  # of balanced data: mean square / scans
    df_within = n - people - int(when.max())
    if df_within < FEWEST:
        return Components(n, people, mean, mean_variance, float(d.var(ddof=1)), 0.0, people - 1, 0, 1.0, 0.0)
    each = float((n - (counts**2).sum() / n) / (people - 1))
    of_session = (np.bincount(when, d) / np.bincount(when))[when]
    whole = _mean_squares(d, who, n - people)
    between, within = _mean_squares(d - of_session, who, df_within)
    of_sessions = _total(*whole, each) - _total(between, within, each)
    return Components(n, people, mean, mean_variance, between, within, people - 1, df_within, each, of_sessions)


def _mean_squares(values, who, df_within):
    """Mean squares between and within subjects."""
    counts = np.bincount(who)
    means = np.bincount(who, values) / counts
    between = (counts * (means - values.mean()) ** 2).sum() / (counts.size - 1)
    return float(between), float(((values - means[who]) ** 2).sum() / df_within)


def _total(between, within, each):
    return between / each + (1 - 1 / each) * within


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
        The SD is that of a single difference of any session: between sessions, between and within subjects. Intervals of the
        limits by MOVER, the method of variance estimates recovery, from that of the bias (t distribution of subjects) and
        that of the SD: its logarithm by leaving out each subject, which needs no normal differences; so does the
        correlation of bias and SD, which is not 0 in skewed data. NaN with fewer than `FEWEST_SUBJECTS`; those of the
        limits also where nothing varies without one of the subjects.

    References
    ----------
    Zou GY. Confidence interval estimation for the Bland-Altman limits of agreement with multiple observations per
    individual. Stat Methods Med Res 2013; 22: 630-642. Zou GY, Donner A. Stat Med 2008; 27: 1693-1702 (correlation).
    """
    differences = np.asarray(differences, float)
    known = ~np.isnan(differences)
    differences = differences[known]
    subjects, sessions = (np.unique(np.asarray(x)[known], return_inverse=True)[1] for x in (subjects, sessions))
    found = components(differences, subjects, sessions)
    if not found.df_between:
        return LimitsOfAgreement(found.scans, found.mean)
    sd = float(np.sqrt(found.total_variance))
    if found.subjects < FEWEST_SUBJECTS:
        return LimitsOfAgreement(found.scans, found.mean, sd)
    lower, upper = found.mean - Z * sd, found.mean + Z * sd
    of_bias = float(stats.t.ppf(0.975, found.df_between) * np.sqrt(found.mean_variance))
    left_out = [
        components(differences[kept], subjects[kept], sessions[kept]).total_variance ** 0.5
        for kept in without_each(subjects)
    ]
    with np.errstate(divide="ignore"):
        sd_low, sd_high = jackknife_interval(sd, np.array(left_out), np.log, np.exp)
    r = _correlation([differences[kept].mean() for kept in without_each(subjects)], left_out)
    below, above = Z * (sd - sd_low), Z * (sd_high - sd)
    of_limits = (
        (lower - _recovered(of_bias, above, -r), lower + _recovered(of_bias, below, -r)),
        (upper - _recovered(of_bias, below, r), upper + _recovered(of_bias, above, r)),
    )
    return LimitsOfAgreement(found.scans, found.mean, sd, (found.mean - of_bias, found.mean + of_bias), *of_limits)


def _correlation(a, b):
    """Correlation of two estimates over the samples without each subject; 0 where one does not vary."""
    a, b = np.asarray(a) - np.mean(a), np.asarray(b) - np.mean(b)
    spread = np.sqrt((a**2).sum() * (b**2).sum())
    return float((a * b).sum() / spread) if spread > 0 else 0.0


def _recovered(a, b, r):
    """Distance of an end of the interval of a sum from the sum, from those of its parts."""
    return float(np.sqrt(np.maximum(0, a**2 + b**2 + 2 * r * a * b)))
