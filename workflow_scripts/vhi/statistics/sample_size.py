"""Sample size from a pilot: variance components of log(V_HI + 1), and how many subjects and readers a question needs.

Planned values are closed forms; `sample_size_simulation` confirms them. All are on the logarithm.
"""

from dataclasses import dataclass
from math import log

import numpy as np
import pandas as pd
from scipy import special, stats

from vhi.statistics.estimates import Z
from vhi.statistics.values import SESSIONS

FEWEST, MOST = 8, 1000  # subjects of a pilot, and of a plan
READERS = (1, 2, 3, 4)
QUESTIONS = {
    "limits_width": "Width of the 95 % interval of a limit of agreement, log(V_HI + 1)",
    "srm": "Half width of the 95 % interval of the SRM",
    "srm_power": "Power that the SRM differs from 0",
    "detectable_ratio": "Upper 95 % limit of the smallest detectable change, as a ratio",
    "difference_percent": "Power to tell two arms apart by change scores, subjects per arm",
}
POWERS = ("srm_power", "difference_percent")
OF_READERS = ("limits_width", "detectable_ratio")
"""Questions about how far readers differ; the others are about change."""


@dataclass(frozen=True)
class Pilot:
    """Variances of log(V_HI + 1), and its mean change from the first to the second visit."""

    subjects: float
    visits: float
    readers: float
    rest: float
    change: float

    def change_sd(self, readers: int) -> float:
        """SD of a subject's change, each visit the mean of the same readers, whose own levels cancel."""
        return (2 * (self.visits + self.rest / readers)) ** 0.5


def pilot_array(values: pd.DataFrame, unit: str) -> tuple[np.ndarray | None, str]:
    """Complete log(V_HI + 1) of a study as subjects x visits x readers, or None and the reason."""
    known = values.dropna(subset=[f"vhi_{unit}"])
    known = known[known["session"].isin(SESSIONS)]
    if known["reader"].nunique() < 2:
        return None, "the study has fewer than 2 readers"
    if known["session"].nunique() < 2:
        return None, "the study has fewer than 2 visits"
    wide = known.pivot(index="subject", columns=["session", "reader"], values=f"vhi_{unit}")
    readers = sorted(known["reader"].unique())
    wide = wide.reindex(columns=pd.MultiIndex.from_product([SESSIONS, readers])).dropna()
    if len(wide) < FEWEST:
        return None, f"{len(wide)} subjects were read at both visits by every reader; at least {FEWEST} are needed"
    return np.log1p(wide.to_numpy(float)).reshape(len(wide), 2, len(readers)), ""


def pilot_components(y: np.ndarray) -> Pilot:
    """Variance components by the method of moments (Searle, Casella and McCulloch 1992), those below 0 set to 0.

    Parameters
    ----------
    y : ndarray
        Subjects x 2 visits x readers: y = visit mean + subject + visit within subject + reader + rest.
    """
    n, visits, k = y.shape
    scan, person, reader = y.mean(2), y.mean((1, 2)), y.mean((0, 1))
    rest = ((y - scan[..., None] - reader + y.mean()) ** 2).sum() / ((n * visits - 1) * (k - 1))
    within = k * ((scan - person[:, None] - scan.mean(0) + y.mean()) ** 2).sum() / ((n - 1) * (visits - 1))
    between, levels = visits * k * person.var(ddof=1), n * visits * reader.var(ddof=1)
    parts = ((between - within) / (visits * k), (within - rest) / k, (levels - rest) / (n * visits), rest)
    return Pilot(*(max(0.0, float(part)) for part in parts), change=float((scan[:, 1] - scan[:, 0]).mean()))


def effect_of(question: str, pilot: Pilot, wanted: float) -> float:
    """Size on the logarithm that a power is about: the pilot's mean change, or the wanted difference of the arms."""
    return -log(1 - wanted / 100) if question == "difference_percent" else pilot.change


def t_power(effect: np.ndarray, df: np.ndarray, alpha: float) -> np.ndarray:
    """Power of a two-sided t test with this noncentrality (Cohen 1988)."""
    at = stats.t.ppf(1 - alpha / 2, df)
    return stats.nct.sf(at, df, np.abs(effect)) + stats.nct.sf(at, df, -np.abs(effect))


def mean_sd(df: np.ndarray) -> np.ndarray:
    """Expected value of an SD whose true value is 1."""
    return np.sqrt(2 / df) * np.exp(special.gammaln((df + 1) / 2) - special.gammaln(df / 2))


def limit_width(sd: np.ndarray, n: np.ndarray, df: np.ndarray) -> np.ndarray:
    """Width of the 95 % interval of a limit of agreement (Bland and Altman 1999; simple form in Zou 2013)."""
    return 2 * stats.t.ppf(0.975, df) * sd * np.sqrt(1 / n + Z**2 / (2 * df))


def srm_half_width(srm: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Half width of the 95 % interval of an SRM (Hedges and Olkin 1985, one sample)."""
    return Z * np.sqrt(1 / n + np.asarray(srm) ** 2 / (2 * (n - 1)))


def detectable_upper(rest_sd: np.ndarray, readers: int, df: np.ndarray) -> np.ndarray:
    """Upper 95 % limit, on the logarithm, of the smallest detectable change of the mean of readers."""
    return Z * rest_sd * np.sqrt(2 / readers) * np.sqrt(df / stats.chi2.ppf(0.025, df))


def planned(question: str, pilot: Pilot, readers: int, n: np.ndarray, wanted: float, alpha: float) -> np.ndarray:
    """Planned value of a question for numbers of subjects.

    Limits of agreement are of one scan a subject, their SD pooled over all pairs of readers.
    """
    n = np.asarray(n, float)
    df, sd = (n - 1) * (readers - 1), pilot.change_sd(readers)
    if question == "limits_width":
        return limit_width((2 * pilot.rest) ** 0.5 * mean_sd(df), n, df)
    if question == "detectable_ratio":
        return np.exp(detectable_upper(pilot.rest**0.5 * mean_sd(df), readers, df))
    if question == "srm":
        return srm_half_width(pilot.change / sd, n)
    effect = effect_of(question, pilot, wanted) / sd
    return (
        t_power(effect * np.sqrt(n), n - 1, alpha)
        if question == "srm_power"
        else t_power(effect * np.sqrt(n / 2), 2 * n - 2, alpha)
    )


def subjects_needed(question: str, pilot: Pilot, readers: int, settings: dict) -> tuple[int | None, str]:
    """Smallest number of subjects (per arm for two arms) that meets a question, or None and the reason."""
    if question in OF_READERS:
        if readers < 2:
            return None, "needs 2 readers"
        if pilot.rest == 0:
            return None, "the pilot's readers do not differ"
    elif pilot.change_sd(readers) == 0:
        return None, "the pilot's changes do not vary"
    n, wanted = np.arange(3, MOST + 1), wanted_of(question, settings)
    values = planned(question, pilot, readers, n, wanted, settings["alpha"])
    met = values >= settings["power"] if question in POWERS else values <= wanted
    return (int(n[met][0]), "") if met.any() else (None, f"not met by {MOST} subjects")


def wanted_of(question: str, settings: dict) -> float:
    """What the config wants of a question: a width or ratio, the difference of arms, or the power."""
    return settings["power"] if question == "srm_power" else settings[question]


def grant_sentence(table: pd.DataFrame) -> str:
    """Sentence for a grant application: the plan for two arms with the fewest readers that suffice, or why there is none."""
    arms = table[table["question"] == "difference_percent"]
    if arms["subjects"].isna().all():
        return f"No plan for two arms: {arms['reason'].iloc[0]}."
    row = arms[arms["subjects"].notna()].iloc[0]
    by = "one reader" if row["readers"] == 1 else f"the mean of {row['readers']:.0f} readers"
    low, high = 100 * row["simulated_ci_low"], 100 * row["simulated_ci_high"]
    return (
        f"With {row['subjects']:.0f} subjects per arm and V_HI of {by}, a two-sided t test of the change of log(V_HI + 1) "
        f"(alpha {row['alpha']:g}) has a power of {100 * row['planned']:.1f} % to detect that the ratio of V_HI + 1 after to "
        f"before treatment is {row['wanted']:g} % lower in one arm than in the other (simulated: {100 * row['simulated']:.1f} %, "
        f"95 % Monte Carlo interval {low:.1f} to {high:.1f} %). The variances are those of a pilot of "
        f"{row['pilot_subjects']:.0f} subjects."
    )
