"""Change under treatment of V_HI and SPARCC, and what it is worth (paper, section 2.7.3)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

MEAN = "mean"  # stands in the column `reader` for the mean of the readers


def changes(values: pd.DataFrame, readers: Sequence[str]) -> pd.DataFrame:
    """Pair the sessions of each subject, on the mean of the readers and per reader.

    Parameters
    ----------
    values : DataFrame
        Columns ``subject session reader value``, one row per scan and reader; sessions ``pre`` and ``post``.
    readers : sequence of str
        The mean is over all of them: a scan that one has not read has none.

    Returns
    -------
    DataFrame
        ``subject reader pre post change direction``; the reader ``mean`` first (left out where there is one reader). The
        change is post less pre; direction is ``improved`` (post < pre), ``worsened`` or ``tie``, None where a session is
        missing.
    """
    wide = values.pivot_table(index="subject", columns=["reader", "session"], values="value", sort=False)
    wide = wide.reindex(columns=pd.MultiIndex.from_product([readers, ("pre", "post")]))
    if len(readers) > 1:
        # ASSUME section 2.7.3 does not say whose values decide on response: the mean of the readers.
        for session in ("pre", "post"):
            wide[MEAN, session] = np.mean([wide[reader, session] for reader in readers], axis=0)
    tables = []
    for reader in [MEAN, *readers] if len(readers) > 1 else readers:
        table = pd.DataFrame({"pre": wide[reader, "pre"], "post": wide[reader, "post"]}).rename_axis("subject")
        table = table.reset_index().dropna(subset=["pre", "post"], how="all")
        table.insert(1, "reader", reader)
        tables.append(table)
    table = pd.concat(tables, ignore_index=True)
    table["change"] = table["post"] - table["pre"]
    table["direction"] = [_direction(change) for change in table["change"]]
    return table


def _direction(change: float) -> str | None:
    # ASSUME "any improvement" is post < pre; equal values, V_HI 0 at both sessions above all, are a tie and no improvement.
    if np.isnan(change):
        return None
    return "improved" if change < 0 else "worsened" if change > 0 else "tie"


def smallest_detectable_change(change_by_reader: pd.DataFrame, averaged: int) -> float:
    """Compute the smallest detectable change of a measurement that is the mean of so many readers.

    Parameters
    ----------
    change_by_reader : (n, k) DataFrame
        Change scores, one column per reader, at least two.
    averaged : int
        Readers whose mean is the measurement.

    Returns
    -------
    float
        1.96 SD(difference of the readers' changes) / (sqrt 2 sqrt averaged); with more than two readers, the SD of
        within-subject error stands for SD / sqrt 2. It holds the readers' error alone, not that of repeated scans. NaN with
        one reader or fewer than two complete subjects.

    References
    ----------
    Bruynesteyn K et al., Ann Rheum Dis 2005; 64: 179-182. Navarro-Compan V et al., J Rheumatol 2019; 46: 1135-1140.
    """
    table = change_by_reader.dropna().to_numpy(float)
    if table.ndim != 2 or table.shape[1] < 2 or len(table) < 2:
        return float("nan")
    without_reader = table - table.mean(axis=0)  # a reader's constant bias is no random error
    error = without_reader - without_reader.mean(axis=1, keepdims=True)
    variance = (error**2).sum() / ((len(table) - 1) * (table.shape[1] - 1))
    return float(1.96 * np.sqrt(variance) / np.sqrt(averaged))


def detectable_interval(limit: float, subjects: int, readers: int) -> tuple[float, float]:
    """Compute a 95 % interval of the smallest detectable change from the chi-squared distribution of its variance.

    # ASSUME readers' errors in change are normal, independent, of one spread: the paper has no interval.

    Parameters
    ----------
    limit : float
        From `smallest_detectable_change`.
    subjects, readers : int
        Complete subjects, and the readers whose changes gave the limit: (subjects - 1) (readers - 1) degrees of freedom.

    Returns
    -------
    tuple of float
        NaN without degrees of freedom. With 12 subjects and two readers 0.71 and 1.70 times the limit.
    """
    df = (subjects - 1) * (readers - 1)
    if df < 1:
        return float("nan"), float("nan")
    low, high = limit * np.sqrt(df / stats.chi2.ppf([0.975, 0.025], df))
    return float(low), float(high)


def response_means(
    paired: pd.DataFrame, resamples: int, rng: np.random.Generator, against: str | None = None, confidence: float = 0.95
) -> list[dict]:
    """Compute standardised response means and effect sizes with BCa intervals, and compare measures on the same resamples.

    Parameters
    ----------
    paired : DataFrame
        One row per subject, columns ``(measure, "pre")`` and ``(measure, "post")``; subjects that lack any are left out.
    resamples : int
        Bootstrap draws of subjects.
    rng : numpy.random.Generator
    against : str, optional
        The measure with which every other is compared.
    confidence : float

    Returns
    -------
    list of dict
        ``statistic measure n estimate ci_low ci_high p``: the ``srm`` (mean change / SD of change, ddof 1) and
        ``effect size`` (mean change / SD of baseline) of each measure, then their differences ``a - b``, b being
        `against`. NaN where fewer than three subjects are complete or a spread is 0. Negative is improvement. p, of
        differences only: by the same BCa construction, below 0.05 exactly where the 95 % interval leaves out 0.
    """
    paired = paired.dropna()
    measures = list(dict.fromkeys(paired.columns.get_level_values(0)))
    pairs = [(place, measures.index(against)) for place, name in enumerate(measures) if against and name != against]
    samples = tuple(paired[measure, session].to_numpy(float) for measure in measures for session in ("pre", "post"))

    def standardised(*columns, axis):
        columns = np.stack(columns)
        pre, post = columns[0::2], columns[1::2]
        change = post - pre
        mean = change.mean(axis=axis)
        found = np.stack(
            [mean / change.std(axis=axis, ddof=1), mean / pre.std(axis=axis, ddof=1)]
        )  # (2, measures, ...)
        parts = [found[:, place] for place in range(len(measures))]
        parts += [found[:, i] - found[:, j] for i, j in pairs]
        return np.concatenate([part[None] for part in parts])  # (measures and pairs, 2, ...)

    names = [*measures, *(f"{measures[i]} - {measures[j]}" for i, j in pairs)]
    shape = (len(names), 2)
    estimate, low, high, p = (np.full(shape, np.nan) for _ in range(4))
    n = len(paired)
    with np.errstate(divide="ignore", invalid="ignore"):
        if n >= 2:
            estimate = standardised(*samples, axis=-1)
            estimate[~np.isfinite(estimate)] = np.nan
        if n >= 3:
            draws = _draws(samples, standardised, resamples, rng)
            jackknife = standardised(*(_without_each(sample) for sample in samples), axis=-1)
            low, high, of_zero = bca_interval(estimate, draws, jackknife, confidence)
            p[len(measures) :] = of_zero[len(measures) :]
    rows = []
    for place, measure in enumerate(names):
        for which, statistic in enumerate(("srm", "effect size")):
            row = {"statistic": statistic, "measure": measure, "n": n}
            found = {"estimate": estimate, "ci_low": low, "ci_high": high, "p": p}
            rows.append(row | {key: float(values[place, which]) for key, values in found.items()})
    return rows


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


def _draws(samples, statistic, resamples, rng):
    """Resample subjects, all measures of a subject together, in portions that fit into the cache."""
    n, parts = len(samples[0]), []
    for start in range(0, resamples, 2000):
        index = rng.integers(0, n, (min(2000, resamples - start), n))
        parts.append(statistic(*(sample[index] for sample in samples), axis=-1))
    found = np.concatenate(parts, axis=-1)
    found[~np.isfinite(found)] = np.nan
    return found


def _without_each(sample):
    return np.stack([np.delete(sample, place) for place in range(len(sample))])
