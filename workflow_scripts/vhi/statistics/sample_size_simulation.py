"""Sample sizes confirmed: studies drawn from a pilot's variance components and analysed as the plan says."""

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from vhi.statistics.estimates import NAN, UNKNOWN, Z, ends
from vhi.statistics.sample_size import (
    POWERS,
    QUESTIONS,
    READERS,
    Pilot,
    detectable_upper,
    effect_of,
    limit_width,
    pilot_array,
    pilot_components,
    planned,
    srm_half_width,
    subjects_needed,
    wanted_of,
)

AT_ONCE = 2_000_000  # readings in memory


def drawn(rng: np.random.Generator, pilot: Pilot, studies: int, n: int, readers: int, change: float) -> np.ndarray:
    """Draw log(V_HI + 1): studies x subjects x 2 visits x readers."""
    y = rng.normal(0, pilot.rest**0.5, (studies, n, 2, readers))
    y += rng.normal(0, pilot.subjects**0.5, (studies, n, 1, 1)) + rng.normal(0, pilot.visits**0.5, (studies, n, 2, 1))
    y += rng.normal(0, pilot.readers**0.5, (studies, 1, 1, readers))
    y[:, :, 1] += change
    return y


def _analysed(question, rng, pilot, studies, n, readers, wanted, alpha):
    """Value of each drawn study: whether its test is significant, or the width or ratio that it prints."""
    change = effect_of(question, pilot, wanted)
    y = drawn(rng, pilot, studies, n, readers, change)
    changes = (y[:, :, 1] - y[:, :, 0]).mean(2)
    if question == "difference_percent":
        other = drawn(rng, pilot, studies, n, readers, 0)
        return stats.ttest_ind(changes, (other[:, :, 1] - other[:, :, 0]).mean(2), axis=1).pvalue < alpha
    if question == "srm_power":
        return stats.ttest_1samp(changes, 0, axis=1).pvalue < alpha
    if question == "srm":
        return srm_half_width(changes.mean(1) / changes.std(1, ddof=1), n)
    df = (n - 1) * (readers - 1)
    read = y[:, :, 1] - y[:, :, 0] if question == "detectable_ratio" else y[:, :, 0]
    rest = read - read.mean(2, keepdims=True) - read.mean(1, keepdims=True) + read.mean((1, 2), keepdims=True)
    sd = np.sqrt((rest**2).sum((1, 2)) / df)
    if question == "limits_width":
        return limit_width(2**0.5 * sd, n, df)
    return np.exp(detectable_upper(sd / 2**0.5, readers, df))  # a change has twice the variance of a reading


def simulated(
    question: str, pilot: Pilot, readers: int, n: int, wanted: float, alpha: float, studies: int, seed: int
) -> tuple[float, tuple[float, float]]:
    """Power or mean of a question over simulated studies, with its 95 % Monte Carlo interval (exact for a power)."""
    rng = np.random.default_rng([seed, list(QUESTIONS).index(question), readers, n])
    most = max(1, AT_ONCE // (2 * n * readers))
    parts = [min(most, studies - start) for start in range(0, studies, most)]
    found = np.concatenate([_analysed(question, rng, pilot, part, n, readers, wanted, alpha) for part in parts])
    mean = float(found.mean())
    if question in POWERS:
        return mean, proportion_confint(int(found.sum()), studies, method="beta")
    half = Z * float(found.std(ddof=1)) / studies**0.5
    return mean, (mean - half, mean + half)


def sample_size_table(values: pd.DataFrame, unit: str, settings: dict, seed: int, studies: int = 4000) -> pd.DataFrame:
    """Plan of every question and number of readers, with the simulation beside it.

    Returns
    -------
    DataFrame
        ``question about wanted readers subjects planned simulated simulated_ci_low simulated_ci_high reason alpha
        pilot_subjects``; cells
        are empty where no plan can be made, and `reason` says why.
    """
    y, missing = pilot_array(values, unit)
    pilot = None if y is None else pilot_components(y)
    rows = []
    for question, about in QUESTIONS.items():
        wanted = wanted_of(question, settings)
        for readers in READERS:
            n, reason = (None, missing) if pilot is None else subjects_needed(question, pilot, readers, settings)
            plan, mean, interval = NAN, NAN, UNKNOWN
            if n:
                plan = float(planned(question, pilot, readers, n, wanted, settings["alpha"]))
                mean, interval = simulated(question, pilot, readers, n, wanted, settings["alpha"], studies, seed)
            row = {"question": question, "about": about, "wanted": wanted, "readers": readers, "subjects": n or NAN}
            rows.append(row | {"planned": plan, "simulated": mean} | ends(interval, "simulated") | {"reason": reason})
            rows[-1] |= {"alpha": settings["alpha"], "pilot_subjects": NAN if y is None else len(y)}
    return pd.DataFrame(rows)


def planned_curves(values: pd.DataFrame, unit: str, settings: dict) -> pd.DataFrame:
    """Planned values against subjects: ``question readers subjects planned``; no rows without a plan."""
    y, _ = pilot_array(values, unit)
    pilot = None if y is None else pilot_components(y)
    n, rows = np.unique(np.geomspace(5, 300, 40).astype(int)), []
    for question in QUESTIONS if pilot else ():
        for readers in READERS:
            if subjects_needed(question, pilot, readers, settings)[1].startswith(("needs", "the pilot")):
                continue
            found = planned(question, pilot, readers, n, wanted_of(question, settings), settings["alpha"])
            rows += [(question, readers, *pair) for pair in zip(n, found, strict=True)]
    return pd.DataFrame(rows, columns=["question", "readers", "subjects", "planned"])
