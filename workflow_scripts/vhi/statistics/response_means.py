"""Standardised response means and effect sizes of V_HI and SPARCC, compared on the same subjects (section 2.7.3)."""

import numpy as np
import pandas as pd

from vhi.statistics.bootstrap import bca_interval
from vhi.statistics.values import SESSIONS

NAMES = {"vhi": "V_HI", "log_vhi": "log(V_HI + 1)", "sparcc": "SPARCC"}
STATISTICS = ("srm", "effect size")
RESPONSE_MEANS = ["reader", "group", "statistic", "measure", "n", "estimate", "ci_low", "ci_high", "p"]
PORTION = 2000  # resamples at a time, so that they fit into the cache


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
    samples = np.array([[paired[measure, session].to_numpy(float) for session in SESSIONS] for measure in measures])

    def standardised(index):
        """Both statistics of every measure and pair (measures and pairs, 2, ...) of the subjects that index names."""
        pre, post = np.moveaxis(np.take(samples, index, axis=-1), 1, 0)
        change = post - pre
        mean = change.mean(axis=-1)
        found = np.stack([mean / change.std(axis=-1, ddof=1), mean / pre.std(axis=-1, ddof=1)], axis=1)
        return np.concatenate([found, *(found[i : i + 1] - found[j : j + 1] for i, j in pairs)])

    names = [*measures, *(f"{measures[i]} - {measures[j]}" for i, j in pairs)]
    estimate, low, high, p = np.full((4, len(names), len(STATISTICS)), np.nan)
    n = len(paired)
    with np.errstate(divide="ignore", invalid="ignore"):
        if n >= 2:
            estimate = standardised(np.arange(n))
            estimate[~np.isfinite(estimate)] = np.nan
        if n >= 3:
            portions = [min(PORTION, resamples - start) for start in range(0, resamples, PORTION)]
            draws = [standardised(rng.integers(0, n, (count, n))) for count in portions]
            jackknife = standardised(np.array([np.delete(np.arange(n), place) for place in range(n)]))
            low, high, of_zero = bca_interval(estimate, np.concatenate(draws, axis=-1), jackknife, confidence)
            p[len(measures) :] = of_zero[len(measures) :]
    return [
        {"statistic": statistic, "measure": measure, "n": n}
        | {
            key: float(values[place, which])
            for key, values in zip(RESPONSE_MEANS[5:], (estimate, low, high, p), strict=True)
        }
        for place, measure in enumerate(names)
        for which, statistic in enumerate(STATISTICS)
    ]


def response_means_table(
    changes: pd.DataFrame, clinical: pd.DataFrame | None, resamples: int, seed: int
) -> pd.DataFrame:
    """Compute response means per reader, of all subjects and, by `clinical` (``subject response``), of responders and others.

    V_HI is also taken on log(x + 1); each measure is compared with SPARCC where the study has it. Columns: `RESPONSE_MEANS`.
    """
    groups = {"all subjects": set(changes["subject"])}
    if clinical is not None:
        for response, name in (("yes", "clinical responders"), ("no", "clinical non-responders")):
            groups[name] = set(clinical.loc[clinical["response"] == response, "subject"])
    rows = []
    for reader, of_reader in changes.groupby("reader", sort=False):
        wide = of_reader.pivot(index="subject", columns="measure", values=list(SESSIONS)).swaplevel(axis=1)
        for session in SESSIONS if ("vhi", SESSIONS[0]) in wide else ():
            wide["log_vhi", session] = np.log1p(wide["vhi", session])
        measures = [measure for measure in NAMES if (measure, SESSIONS[0]) in wide]
        paired = pd.DataFrame({(NAMES[m], session): wide[m, session] for m in measures for session in SESSIONS})
        against = NAMES["sparcc"] if "sparcc" in measures else None
        for group, subjects in groups.items():
            rng = np.random.default_rng(seed)  # each group and reader draws the same, whatever else is asked for
            found = response_means(paired[paired.index.isin(subjects)], resamples, rng, against)
            rows += [{"reader": reader, "group": group} | row for row in found]
    return pd.DataFrame(rows, columns=RESPONSE_MEANS)
