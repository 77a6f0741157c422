"""Tolerance limits: between them lies a stated share of all differences, with a stated confidence."""

import numpy as np
from scipy import stats

from vhi.statistics.clustered import Components
from vhi.statistics.estimates import UNKNOWN
from vhi.statistics.jackknife import FEWEST_SUBJECTS


def tolerance_limits(found: Components, content: float = 0.95, confidence: float = 0.95) -> tuple[float, float]:
    """Limits that hold at least a share `content` of single differences, with the stated confidence.

    Parameters
    ----------
    found : Components
    content, confidence : float

    Returns
    -------
    tuple of float
        Howe's factor for normal data, with the subjects' effective number for the mean (total variance over the variance
        of the mean) and Satterthwaite's degrees of freedom of the total variance; wider than limits of agreement,
        which are estimates. NaN with fewer than `FEWEST_SUBJECTS` or without variance.

    References
    ----------
    Howe WG. J Am Stat Assoc 1969; 64: 610-620. Francq BG, Berger M, Boachie C. Stat Med 2020; 39: 3737-3748.
    """
    total = found.total_variance
    if found.subjects < FEWEST_SUBJECTS or not total > 0:
        return UNKNOWN
    share = 1 / found.scans_each
    parts = [(share * found.between) ** 2 / found.df_between]
    if found.df_within:
        parts.append(((1 - share) * found.within) ** 2 / found.df_within)
    df = min(total**2 / sum(parts), found.scans - 1)
    factor = stats.norm.ppf((1 + content) / 2) * np.sqrt(
        (1 + found.mean_variance / total) * df / stats.chi2.ppf(1 - confidence, df)
    )
    half = float(factor * np.sqrt(total))
    return found.mean - half, found.mean + half
