"""Medians of scans of which several belong to one subject: interval and P by one test, the clustered sign test."""

import numpy as np
from scipy import stats

from vhi.statistics.estimates import NAN, UNKNOWN

FEWEST = 6  # subjects: with five, no result of the test has P below 0.05


def reason_without_interval(subjects: int) -> str | None:
    """Say why a median has no interval; None where it has one."""
    return f"fewer than {FEWEST} subjects: no interval" if subjects < FEWEST else None


def sign_test(values: np.ndarray, subjects: np.ndarray) -> float:
    """Compute the exact two-sided P that the median is 0.

    Parameters
    ----------
    values : (n,) array
        NaN is left out.
    subjects : (n,) array

    Returns
    -------
    float
        By changing the signs of whole subjects: the sum of a subject's signs is as likely as its opposite. 1 where all
        values are 0; NaN without any. With one scan a subject this is the sign test.

    References
    ----------
    Larocque D, Nevalainen J, Oja H. Biometrika 2007; 94: 267-283. The distribution by convolution.
    """
    values, who = _known(values, subjects)
    return _p(np.bincount(who, np.sign(values)).round().astype(int)) if values.size else NAN


def median_interval(values: np.ndarray, subjects: np.ndarray) -> tuple[float, float]:
    """Compute a 95 % interval of the median: all values that `sign_test` does not reject.

    Parameters
    ----------
    values : (n,) array
        NaN is left out.
    subjects : (n,) array

    Returns
    -------
    tuple of float
        Ends are observed values. NaN with fewer than `FEWEST` subjects.

    Examples
    --------
    >>> median_interval([1, 2, 3, 4, 5, 6, 7, 8], range(8))
    (1.0, 8.0)
    """
    values, who = _known(values, subjects)
    if not values.size or who.max() + 1 < FEWEST:
        return UNKNOWN
    ordered = np.unique(values)
    below = np.searchsorted(ordered, np.median(values), "right") - 1
    low, high = max(0, int(below)), min(ordered.size - 1, int(np.searchsorted(ordered, np.median(values), "left")))

    def kept(place):
        return _p(np.bincount(who, np.sign(values - ordered[place])).round().astype(int)) >= 0.05

    def just_below_kept(place):  # between two observed values the test is the same
        middle = (ordered[place - 1] + ordered[place]) / 2
        return _p(np.bincount(who, np.sign(values - middle)).round().astype(int)) >= 0.05

    while low > 0 and (just_below_kept(low) or kept(low - 1)):
        low -= 1
    while high < ordered.size - 1 and (just_below_kept(high + 1) or kept(high + 1)):
        high += 1
    return float(ordered[low]), float(ordered[high])


def _known(values, subjects):
    values, subjects = np.asarray(values, float), np.asarray(subjects)
    known = ~np.isnan(values)
    return values[known], np.unique(subjects[known], return_inverse=True)[1]


def _p(sums):
    """Two-sided P of the sum of integers whose signs are each as likely as their opposites."""
    steps = np.abs(sums[sums != 0])
    chances = np.ones(1)  # of -total, -total + 1, ... total
    for step, count in zip(*np.unique(steps, return_counts=True), strict=True):
        spaced = np.zeros(2 * step * count + 1)
        spaced[:: 2 * step] = stats.binom.pmf(np.arange(count + 1), count, 0.5)
        chances = np.convolve(chances, spaced)
    away = np.abs(np.arange(chances.size) - steps.sum()) >= abs(sums.sum())
    return float(min(1.0, chances[away].sum()))
