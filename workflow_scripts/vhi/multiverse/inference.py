"""Joint inference over all universes: whether chance alone could have given their changes under treatment."""

import numpy as np
import pandas as pd
from scipy import stats

from vhi.multiverse.names import ALPHA

JOINT = ["statistic", "observed", "p", "flips", "universes", "subjects"]
STATISTICS = ("median effect", "share of significant universes", "mean z")


def flipped_statistics(change: np.ndarray, signs: np.ndarray) -> np.ndarray:
    """Compute the statistics of a specification curve for every assignment of signs.

    Parameters
    ----------
    change : (universes, subjects) array
        Change of each subject, complete.
    signs : (flips, subjects) array
        1 or -1: whether a subject's sessions are exchanged, in all universes alike.

    Returns
    -------
    (3, flips) array
        By `STATISTICS`: absolute median of the standardised response means; share of universes significant in the direction
        of that median, two-sided at `ALPHA`; absolute mean of the universes' z values.
    """
    n = change.shape[1]
    mean = signs @ change.T / n
    variance = ((change**2).sum(axis=1) - n * mean**2) / (n - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        effect = np.where(variance > 1e-12, mean / np.sqrt(np.maximum(variance, 1e-300)), 0.0)
    bound = stats.t.ppf(1 - ALPHA / 2, n - 1) / np.sqrt(n)
    median = np.median(effect, axis=1)
    direction = np.where(median < 0, -1, 1)[:, None]
    share = (effect * direction >= bound).mean(axis=1)
    # The t values, on the scale of z by a closed form: Wallace, Ann Math Stat 1959; 30: 1121-1130.
    t = effect * np.sqrt(n)
    z = np.sign(t) * (8 * (n - 1) + 1) / (8 * (n - 1) + 3) * np.sqrt((n - 1) * np.log1p(t**2 / (n - 1)))
    return np.array([np.abs(median), share, np.abs(z.mean(axis=1))])


def joint_inference(change: np.ndarray, flips: int = 499, seed: int = 0) -> pd.DataFrame:
    """Test all universes at once by exchanging the sessions of subjects.

    Parameters
    ----------
    change : (universes, subjects) array
        Subjects without a complete row are left out, and universes without any change of any subject.
    flips : int
    seed : int

    Returns
    -------
    DataFrame
        By `JOINT`. P is the share of assignments, the observed one among them, with a statistic at least as large. Equal shares
        of significant universes, which are common without an effect, are ordered by the mean z, so that P is uniform. P is NaN with
        fewer than five subjects, whose sessions can be exchanged in too few ways.

    References
    ----------
    Simonsohn U, Simmons JP, Nelson LD. Nat Hum Behav 2020; 4: 1208-1214.
    """
    change = change[~np.isnan(change).all(axis=1)]
    change = change[:, ~np.isnan(change).any(axis=0)]
    universes, subjects = change.shape
    about = {"flips": flips, "universes": universes, "subjects": subjects}
    if subjects < 5 or not universes:
        return pd.DataFrame(
            [{"statistic": name, "observed": np.nan, "p": np.nan} | about for name in STATISTICS], columns=JOINT
        )
    signs = np.random.default_rng(seed).choice((-1.0, 1.0), (flips, subjects))
    found = flipped_statistics(change, np.concatenate([np.ones((1, subjects)), signs]))
    ordered = found.copy()
    ordered[1] += 1e-9 * found[2] / max(found[2].max(), 1e-12)
    p = (ordered >= ordered[:, :1] * (1 - 1e-12)).mean(axis=1)
    return pd.DataFrame(
        [
            {"statistic": name, "observed": found[place, 0], "p": p[place]} | about
            for place, name in enumerate(STATISTICS)
        ],
        columns=JOINT,
    )
