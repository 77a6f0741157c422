"""Leave out one subject after the other: intervals that stand on subjects, not on scans."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import stats

from vhi.statistics.estimates import UNKNOWN

FEWEST_SUBJECTS = 8  # with fewer, leaving out each subject gives no interval worth printing


def reason_without_interval(subjects: int, end: float = 0.0) -> str | None:
    """Say why a table has no interval from leaving out subjects, `end` being one of its ends; None where it has one."""
    if subjects < FEWEST_SUBJECTS:
        return f"fewer than {FEWEST_SUBJECTS} subjects: no interval"
    return None if np.isfinite(end) else "nothing varies, or nothing without one of the subjects: no interval"


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
        By the t distribution of subjects less one; NaN with fewer than `FEWEST_SUBJECTS` or undefined estimates. For a
        least-squares slope this is the jackknife covariance CV3J, about the mean of the estimates without each subject.

    References
    ----------
    Efron B, Stein C. Ann Stat 1981; 9: 586-596. MacKinnon JG, Nielsen MO, Webb MD. J Appl Econom
    2023; 38: 671-694 (CV3J).
    """
    values, at = np.array([there(value) for value in np.asarray(left_out, float)]), there(estimate)
    n = values.size
    if n < FEWEST_SUBJECTS or not np.isfinite(at) or not np.isfinite(values).all():
        return UNKNOWN
    half = stats.t.ppf(0.975, n - 1) * jackknife_se(values)
    return float(back(at - half)), float(back(at + half))


def jackknife_se(left_out: np.ndarray) -> float:
    """Compute the standard error of an estimate from those without each subject: (subjects,) array."""
    n = left_out.size
    return float(np.sqrt((n - 1) / n * ((left_out - left_out.mean()) ** 2).sum()))


def without_each(subjects: np.ndarray) -> list[np.ndarray]:
    """Give, for each subject in turn, which scans are left without it."""
    subjects = np.asarray(subjects)
    return [subjects != subject for subject in dict.fromkeys(subjects.tolist())]


class SumsWithoutEach(NamedTuple):
    """Counts, means and centred sums of squares and products without each group in turn: arrays (groups,).

    `xx` and `yy` are NaN where nothing but rounding is left of them.
    """

    n: np.ndarray
    mean_x: np.ndarray
    mean_y: np.ndarray
    xx: np.ndarray
    yy: np.ndarray
    xy: np.ndarray

    @property
    def slope(self) -> np.ndarray:
        """Least-squares slope of y on x without each group."""
        return self.xy / self.xx


def sums_without_each(x: np.ndarray, y: np.ndarray, groups: np.ndarray) -> SumsWithoutEach:
    """Leave out one group after the other, in the sorted order of their names, by taking its share from the sums of all."""
    _, who = np.unique(np.asarray(groups), return_inverse=True)
    n = x.size - np.bincount(who)
    dx, dy = x - x.mean(), y - y.mean()
    with np.errstate(invalid="ignore", divide="ignore"):
        at_x, at_y = -np.bincount(who, dx) / n, -np.bincount(who, dy) / n

        def rest(a, b, at_a, at_b):
            return (a * b).sum() - np.bincount(who, a * b) - n * at_a * at_b

        xx, yy, xy = rest(dx, dx, at_x, at_x), rest(dy, dy, at_y, at_y), rest(dx, dy, at_x, at_y)
    xx[~(xx > 1e-12 * (dx**2).sum())] = np.nan
    yy[~(yy > 1e-12 * (dy**2).sum())] = np.nan
    return SumsWithoutEach(n, x.mean() + at_x, y.mean() + at_y, xx, yy, xy)
