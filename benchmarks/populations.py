"""Populations of subjects with two scans, two readers and a score, for `coverage.py`, and the truth of every estimand in them.

normal
    Subjects, scans, habits of a reader with a subject, and readings are normal, with the parameters below.
heavy
    As a logarithm of V_HI, with subjects and habits from a t distribution of 3 degrees of freedom.
raw, log
    Like the simulated study's 29 patients (`patients.tsv`): subjects are drawn with replacement, and the V_HI of each is
    multiplied by a factor of its own (a kernel on the logarithm that keeps its spread; both readers and sessions together,
    so that their disagreement stays).
"""

from pathlib import Path

import numpy as np
from scipy import stats

from vhi.io.tables import read_table
from vhi.statistics.by_mean import limits_by_mean
from vhi.statistics.clustered import components
from vhi.statistics.reliability import icc_a1
from vhi.statistics.responders import from_counts
from vhi.statistics.slopes import line, poisson_lines

SESSIONS, MANY, MEANS = 2, 500_000, (100, 1000, 10_000)
# SD of subjects, of a scan about its subject, of a reader's habit with a subject, of a single reading; bias, change, slope.
NORMAL = {
    "subject": 10.0,
    "scan": 6.0,
    "habit": 1.5,
    "reading": 2.5,
    "bias": 1.2,
    "shift": -4.0,
    "slope": 0.8,
    "at": 50.0,
}
HEAVY = {
    "subject": 1.7,
    "scan": 0.6,
    "habit": 0.15,
    "reading": 0.25,
    "bias": 0.05,
    "shift": -0.5,
    "slope": 0.1,
    "at": 5.0,
}


def of_parameters(p: dict, of_subjects):
    """A source of draws; `of_subjects` draws effects of subjects with variance 1."""

    def draw(rng: np.random.Generator, subjects: int) -> dict:
        shape = (subjects, SESSIONS)
        truth = p["at"] + p["subject"] * of_subjects(rng, (subjects, 1)) + rng.normal(0, p["scan"], shape)
        truth = truth + p["shift"] * np.arange(SESSIONS)
        readings = truth[..., None] + np.array([p["bias"], 0]) + p["habit"] * of_subjects(rng, (subjects, 1, 2))
        readings = readings + rng.normal(0, p["reading"], (*shape, 2))
        score = rng.normal(0, 4, (subjects, 1)) + rng.normal(0, 3, shape) + p["shift"] / p["subject"] * 4 * np.arange(2)
        y = (
            p["slope"] * score
            + p["subject"] / 5 * of_subjects(rng, (subjects, 1))
            + rng.normal(0, p["scan"] / 3, shape)
        )
        return {"readings": readings, "x": score, "y": y}

    return draw


def of_patients(log: bool):
    """A source of draws like the simulated patients."""
    cells = read_table(Path(__file__).with_name("patients.tsv")).pivot(
        index="subject", columns=["session", "reader"], values=["vhi_voxels", "sparcc"]
    )
    volumes, scores = (
        np.stack([cells[name][session][["R1", "R2"]].to_numpy(float) for session in ("pre", "post")], axis=1)
        for name in ("vhi_voxels", "sparcc")
    )
    level = np.log1p(volumes.mean(axis=(1, 2)))
    width = 1.06 * level.std(ddof=1) * len(level) ** -0.2  # Silverman's rule
    centre, shrunk = level.mean(), (1 + width**2 / level.var()) ** -0.5  # so that the spread of the study stays

    def draw(rng: np.random.Generator, subjects: int) -> dict:
        chosen = rng.integers(0, len(volumes), subjects)
        moved = centre + (level[chosen] - centre + rng.normal(0, width, subjects)) * shrunk
        drawn = np.round(volumes[chosen] * np.exp(moved - level[chosen])[:, None, None])
        drawn = np.log1p(drawn) if log else drawn
        return {"readings": drawn, "x": scores[chosen][..., 0], "y": drawn[..., 0]}

    return draw


POPULATIONS = {
    "normal": of_parameters(NORMAL, lambda rng, shape: rng.normal(0, 1, shape)),
    "raw": of_patients(log=False),
    "log": of_patients(log=True),
    "heavy": of_parameters(HEAVY, lambda rng, shape: stats.t.rvs(3, size=shape, random_state=rng) / np.sqrt(3)),
}


def names(subjects: int) -> tuple[np.ndarray, np.ndarray]:
    """Subject and session of every scan, in the order of a raveled (subjects, sessions) array."""
    return np.repeat(np.arange(subjects), SESSIONS), np.tile(np.arange(SESSIONS), subjects)


def judged(found: dict) -> tuple[np.ndarray, np.ndarray]:
    """Who improves by the mean of the readers, and by the score."""
    change = found["readings"].mean(axis=2)
    return change[:, 1] < change[:, 0], found["x"][:, 1] < found["x"][:, 0]


def counts(a: np.ndarray, b: np.ndarray) -> list[int]:
    """Counts of the 2 x 2 table of two judgements."""
    return [int((a & b).sum()), int((a & ~b).sum()), int((~a & b).sum()), int((~a & ~b).sum())]


def truth(population: str) -> dict:
    """Value of every estimand: over half a million subjects, and from the parameters where they give it."""
    found = POPULATIONS[population](np.random.default_rng(1), MANY)
    readings, x, y = found["readings"], found["x"], found["y"]
    d = (readings[..., 0] - readings[..., 1]).ravel()
    mean, change = readings.mean(axis=2), readings[:, 1] - readings[:, 0]
    moved, dx = mean[:, 1] - mean[:, 0], x[:, 1] - x[:, 0]
    bias, sd = d.mean(), np.sqrt(components(d, *names(len(readings))).total_variance)
    between = change[:, 0] - change[:, 1]
    at = {
        "icc_status": icc_a1(readings.reshape(-1, 2)), "icc_change": icc_a1(change),
        "slope": line(x.ravel(), y.ravel())[0], "intercept": line(x.ravel(), y.ravel())[1],
        "proportional_bias": line(mean.ravel(), d)[0], "median": np.median(d),
        "median_one_scan": np.median(d.reshape(-1, 2)[:, 0]), "smallest_detectable_change": 1.96 * between.std() / np.sqrt(2),
        "change_slope": line(dx, moved)[0], "srm": moved.mean() / moved.std(), "effect size": moved.mean() / mean[:, 0].std(),
    }  # fmt: skip
    p = {"normal": NORMAL, "heavy": HEAVY}.get(population)
    if p:
        error, change_of = p["habit"] ** 2 + p["reading"] ** 2, 2 * p["scan"] ** 2
        status = p["subject"] ** 2 + p["scan"] ** 2 + p["shift"] ** 2 / 4
        bias, sd = p["bias"], np.sqrt(2 * error)
        at |= {
            "icc_status": status / (status + bias**2 / 2 + error), "icc_change": change_of / (change_of + 2 * p["reading"] ** 2),
            "slope": p["slope"], "intercept": 0.0, "median": bias, "median_one_scan": bias,
            "smallest_detectable_change": 1.96 * np.sqrt(2) * p["reading"],
        }  # fmt: skip
    at |= {"bias": bias, "lower_limit": bias - 1.96 * sd, "upper_limit": bias + 1.96 * sd}
    of_a, of_b = judged(found)
    table = from_counts(*counts(of_a, of_b))
    at |= {
        "agreement": table["agreement"],
        "kappa": table["kappa"],
        "a_of_discordant": table["only_a"] / (table["only_a"] + table["only_b"]),
    }
    if population == "raw":
        a, b, one = *np.moveaxis(readings.reshape(-1, 2), -1, 0), np.zeros(d.size, int)
        at |= {f"{row['quantity']} at {row['mean']:.0f}": row["estimate"] for row in limits_by_mean(a, b, one, MEANS)}
        at["log_slope"] = poisson_lines(x.ravel(), y.ravel(), np.ones((1, d.size)))[0, 1]
    return {name: float(value) for name, value in at.items()} | {"tolerance": np.sort(d)}
