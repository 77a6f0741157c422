"""Intervals from a bootstrap over subjects: all measures of a subject are drawn together."""

import numpy as np
from scipy import stats


def bca_interval(
    estimate: np.ndarray, draws: np.ndarray, jackknife: np.ndarray, confidence: float = 0.95
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compute bias-corrected and accelerated bootstrap intervals of several statistics that share their resamples, and P.

    scipy.stats.bootstrap gives the same for one statistic; here all of them stand on one set of resamples.

    Parameters
    ----------
    estimate : (...) array
    draws : (..., resamples) array
        NaN where a resample has no spread; these are left out.
    jackknife : (..., n) array
        The statistic without each subject in turn.
    confidence : float

    Returns
    -------
    tuple of (...) array
        Lower and upper ends, and the two-sided P of 0: that of the widest interval which leaves out 0, at least
        2 / (resamples + 1). NaN where the estimate is NaN or less than 95 % of the resamples can be used.

    References
    ----------
    Efron B, Tibshirani RJ. An Introduction to the Bootstrap. 1993, chapter 14.
    """
    low, high, p = (np.full(estimate.shape, np.nan) for _ in range(3))
    for place in np.ndindex(estimate.shape):
        values, left_out = draws[place], jackknife[place]
        usable = values[np.isfinite(values)]
        if not np.isfinite(estimate[place]) or not np.isfinite(left_out).all() or usable.size < 0.95 * values.size:
            continue
        below = ((usable < estimate[place]).sum() + (usable <= estimate[place]).sum()) / (2 * usable.size)
        deviation = left_out.mean() - left_out
        spread = (deviation**2).sum()
        acceleration = (deviation**3).sum() / (6 * spread**1.5) if spread else 0.0
        z0 = stats.norm.ppf(below)
        if not np.isfinite(z0):
            continue
        z = z0 + stats.norm.ppf([(1 - confidence) / 2, (1 + confidence) / 2])
        low[place], high[place] = np.quantile(usable, stats.norm.cdf(z0 + z / (1 - acceleration * z)))
        p[place] = _p_of_zero(np.sort(usable), z0, acceleration)
    return low, high, p


def _p_of_zero(ordered, z0, acceleration):
    """Two-sided P of 0: the level of the BCa interval one end of which is 0; never 0, which no finite number of draws can show."""
    tails = []
    for side in ("right", "left"):  # of draws that are 0: the last for the lower end, the first for the upper
        place = np.searchsorted(ordered, 0, side)
        if 0 < place < ordered.size:
            below, above = ordered[place - 1 : place + 1]
            share = (place - 1 - below / (above - below)) / (ordered.size - 1)
        else:
            share = float(place > 0)
        w = np.clip(stats.norm.ppf(share), -40, 40) - z0
        rest = 1 + acceleration * w
        tails.append((w / rest if rest > 0 else np.sign(w) * 40) - z0)
    one_sided = min(stats.norm.cdf(tails[0]), stats.norm.sf(tails[1]))
    return float(np.clip(2 * one_sided, 2 / (ordered.size + 1), 1))
