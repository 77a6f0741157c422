"""Bootstrap over subjects: all scans of a subject are drawn together."""

import numpy as np


def subject_weights(subjects: np.ndarray, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Draw subjects with replacement; how often each scan is in each draw.

    Parameters
    ----------
    subjects : (n,) array
    draws : int
    rng : numpy.random.Generator

    Returns
    -------
    (draws, n) int array
    """
    _, who = np.unique(np.asarray(subjects), return_inverse=True)
    people = who.max() + 1
    drawn = rng.integers(0, people, (draws, people)) + people * np.arange(draws)[:, None]
    return np.bincount(drawn.ravel(), minlength=draws * people).reshape(draws, people)[:, who]


def weighted_medians(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Medians of values counted as often as each row of weights says.

    Parameters
    ----------
    values : (n,) array
    weights : (draws, n) int array

    Returns
    -------
    (draws,) array
        As numpy.median of the repeated values.
    """
    order = np.argsort(values, kind="stable")
    ordered, up_to = np.asarray(values, float)[order], np.cumsum(weights[:, order], axis=1)
    total = up_to[:, -1:]
    lower = ordered[(up_to < (total + 1) // 2).sum(axis=1)]
    upper = ordered[(up_to < total // 2 + 1).sum(axis=1)]
    return (lower + upper) / 2


def median_interval(
    values: np.ndarray, subjects: np.ndarray, draws: int = 10_000, seed: int = 2023
) -> tuple[float, float]:
    """Compute a 95 % percentile interval of the median by drawing subjects.

    Parameters
    ----------
    values : (n,) array
        NaN is left out.
    subjects : (n,) array
    draws, seed : int

    Returns
    -------
    tuple of float
        NaN with fewer than three subjects.
    """
    values, subjects = np.asarray(values, float), np.asarray(subjects)
    known = ~np.isnan(values)
    values, subjects = values[known], subjects[known]
    if len(set(subjects.tolist())) < 3:
        return float("nan"), float("nan")
    medians = weighted_medians(values, subject_weights(subjects, draws, np.random.default_rng(seed)))
    low, high = np.quantile(medians, (0.025, 0.975))
    return float(low), float(high)
