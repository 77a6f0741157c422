"""Step (ii): the conservative and the sensitive limit (paper, 2.5.2), by the paper's rule and by two that hang on no single voxel."""

from dataclasses import dataclass

import numpy as np

from vhi.io.errors import InputError
from vhi.marrow.mode import mode_and_spread

# ASSUME Limits that the paper does not have: as those of its rule in the median over simulated scans of full size, which
# `benchmarks/limit_constants.py` prints.
# Mean excesses above the upper quartile; an exponential tail exceeds them in 1.1 and 0.5 %.
TAIL_LOWER, TAIL_UPPER = 3.16, 3.89
MODE_LOWER, MODE_UPPER = 2.0, 2.46  # spreads above the mode


@dataclass(frozen=True)
class Limits:
    """The two limits of a scan and what they come from, in the scan's own intensity units.

    Attributes
    ----------
    lower : float
        Sensitive limit, Q_U + n IQR.
    upper : float
        Conservative limit; by the paper's rule the maximum of the normal marrow.
    n : float
        Multiple of the interquartile range.
    q1, q3, iqr : float
        Quartiles of the normal marrow, by linear interpolation, and their difference; those of a normal distribution with the
        mode and spread that were found, where the disease region tells them.
    voxels : int
        Voxels that were used.
    """

    lower: float
    upper: float
    n: float
    q1: float
    q3: float
    iqr: float
    voxels: int


@dataclass(frozen=True)
class LimitRule:
    """How the limits are found (paper, 2.5.2; the authors' program where the text is silent).

    Attributes
    ----------
    rule : {"paper", "patch_tail", "disease_region"}
        ``paper``: from the maximum of the patch. ``patch_tail``: from an exponential tail above its upper quartile, so that the
        size of the patch and its brightest voxel do not matter. ``disease_region``: from mode and spread of the disease region.
    n_start : float
        First multiple tried.
    n_step : float
        Change of n per try.
    iqr_share : float
        The limits may differ by less than this share of the IQR.
    """

    rule: str = "paper"
    n_start: float = 1.5
    n_step: float = 0.05
    iqr_share: float = 0.5


def find_limits(intensities: np.ndarray, rule: LimitRule = LimitRule()) -> Limits:
    """Compute both limits of one scan.

    By the paper's rule n starts at 1.5 and grows by 0.05 while upper - lower >= IQR / 2; where upper <= lower, n shrinks by 0.05
    until the difference, rounded to three decimals, is positive.

    Parameters
    ----------
    intensities : (voxels,) array
        STIR intensities of the normal marrow; of the disease region (`mode.inner_region`) where the rule is ``disease_region``.
    rule : LimitRule

    Returns
    -------
    Limits

    Raises
    ------
    InputError
        If the region is empty, or its upper quartile equals its lower: neither loop of the rule would then end.

    References
    ----------
    Hepburn et al., PLoS ONE 2023, 18(4): e0284508, section 2.5.2. Tail: the excess above a high threshold is exponential for
    distributions in the Gumbel domain (Pickands, Ann Stat 1975; 3: 119-131).

    Examples
    --------
    >>> found = find_limits(np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 20]))
    >>> round(found.lower, 2), found.upper, round(found.n, 2)
    (18.2, 20.0, 2.8)
    """
    intensities = np.asarray(intensities, np.float64)
    if rule.rule == "disease_region":
        mode, spread = mode_and_spread(intensities)
        quartile = 0.67449 * spread
        lower, upper = mode + MODE_LOWER * spread, mode + MODE_UPPER * spread
        n = (MODE_LOWER * spread - quartile) / (2 * quartile)
        return Limits(lower, upper, n, mode - quartile, mode + quartile, 2 * quartile, intensities.size)
    if intensities.size == 0:
        raise InputError(
            "the normal-marrow region is empty: expected some thousand voxels of the sacrum; draw it on STIR"
        )
    q1, q3 = np.quantile(intensities, [0.25, 0.75])
    iqr, upper = q3 - q1, intensities.max()
    if not iqr > 0:
        raise InputError(
            f"the normal-marrow region has an interquartile range of 0 ({intensities.size} voxels, quartiles {q1:g} "
            f"and {q3:g}): no multiple of it can reach the maximum {upper:g}; draw the region on marrow, not on a "
            "constant or clipped area"
        )
    n = find_multiple(q3, iqr, upper, rule)
    if rule.rule == "patch_tail":
        excess = (np.quantile(intensities, 0.875) - q3) / np.log(2)  # the mean excess, by its median
        upper, n = q3 + TAIL_UPPER * excess, TAIL_LOWER * excess / iqr
    return Limits(float(q3 + n * iqr), float(upper), float(n), float(q1), float(q3), float(iqr), intensities.size)


def find_multiple(q3: float, iqr: float, upper: float, rule: LimitRule) -> float:
    """Find n by the two loops of the rule; `iqr` must be positive. n can end below 0, where Q_U is the maximum.

    Raises
    ------
    InputError
        If the rule would take more than 100,000 steps, or its three decimals are coarse for intensities this small.
    """
    if (upper - q3) / iqr > 1e5 * rule.n_step:
        raise InputError(
            f"the normal marrow has an interquartile range of {iqr:g} but a maximum {upper - q3:g} above its upper quartile: "
            "implausible for normal marrow; redraw the region"
        )
    # The authors add the step up, which differs from start + k * step in the last digits only.
    n = rule.n_start
    while upper - (q3 + n * iqr) >= rule.iqr_share * iqr:
        n += rule.n_step
    if upper <= q3 + n * iqr:
        if rule.n_step * iqr < 5e-4:
            raise InputError(
                f"intensities are too small for the rule of the limits, which rounds to three decimals (interquartile range "
                f"{iqr:g}): store the STIR scan on a larger scale"
            )
        while round(upper - (q3 + n * iqr), 3) <= 0:
            n -= rule.n_step
    return n


def without_brightest(intensities: np.ndarray) -> np.ndarray:
    """Leave out the single brightest voxel (one of them, where several are equal)."""
    intensities = np.asarray(intensities)
    return np.delete(intensities, np.argmax(intensities)) if intensities.size else intensities


def limits_without_brightest(intensities: np.ndarray, rule: LimitRule = LimitRule()) -> Limits | None:
    """Compute both limits without the brightest voxel, quartiles recomputed; None where they cannot be found.

    The upper limit is a maximum, so that one voxel can move it, and the lower limit follows. A maximum has no valid
    bootstrap interval (Bickel and Freedman, Ann Stat 1981; 9: 1196-1217), so none is given.
    """
    try:
        return find_limits(without_brightest(intensities), rule)
    except InputError:
        return None
