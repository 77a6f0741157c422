"""Coverage of the 95 % intervals of agreement over replicates: `make coverage`.

First on normal, homoscedastic, clustered data with known parameters; then on a study's own distribution, taken from its
`7_2_agreement/values.tsv`: subjects are drawn with replacement, and the V_HI of each is multiplied by a factor of its own
(a kernel on the logarithm that keeps its spread; both readers and sessions together, so that their disagreement stays). The
truth is the value over a million draws. Prints a table in Markdown.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow_scripts"))

from vhi.io.tables import read_table
from vhi.statistics.agreement import limits_of_agreement
from vhi.statistics.bootstrap import median_interval
from vhi.statistics.clustered import clustered_limits, clustered_line, components, line
from vhi.statistics.regression import regress
from vhi.statistics.reliability import icc_a1, reliability

ROOT = Path(__file__).parents[1]
SUBJECTS, SESSIONS = 29, 2
RESAMPLES = 200  # of the bootstrap inside each replicate; the workflow takes 10,000
MILLION = 1_000_000
# Known parameters: SD of subjects, of a scan about its subject, of a reader's habit with a subject, of a single reading.
OF_SUBJECT, OF_SCAN, OF_HABIT, OF_READING = 10.0, 6.0, 1.5, 2.5
BIAS, SHIFT, SLOPE = 1.2, -4.0, 0.8


def of_normal(rng: np.random.Generator, subjects: int) -> dict:
    """Readings (subjects, sessions, readers) and a score, with known parameters."""
    shape = (subjects, SESSIONS)
    subject = rng.normal(0, OF_SUBJECT, (subjects, 1))
    truth = 50 + subject + rng.normal(0, OF_SCAN, shape) + SHIFT * np.arange(SESSIONS)
    readings = truth[..., None] + np.array([BIAS, 0]) + rng.normal(0, OF_HABIT, (subjects, 1, 2))
    readings = readings + rng.normal(0, OF_READING, (*shape, 2))
    score = rng.normal(0, 4, (subjects, 1)) + rng.normal(0, 3, shape)
    return {
        "readings": readings,
        "x": score,
        "y": SLOPE * score + rng.normal(0, 2, (subjects, 1)) + rng.normal(0, 2, shape),
    }


def known_truth() -> dict:
    """What the parameters above make the estimators' targets."""
    sd = np.sqrt(2 * (OF_HABIT**2 + OF_READING**2))
    between, error = OF_SUBJECT**2 + OF_SCAN**2 + SHIFT**2 / 4, OF_HABIT**2 + OF_READING**2
    change = 2 * OF_SCAN**2
    return {
        "bias": BIAS, "lower limit": BIAS - 1.96 * sd, "upper limit": BIAS + 1.96 * sd,
        "ICC of status": between / (between + BIAS**2 / 2 + error),
        "ICC of change": change / (change + 2 * OF_READING**2), "slope": SLOPE, "median": BIAS,
    }  # fmt: skip


def of_study(values: pd.DataFrame, column: str, log: bool):
    """A source of draws like a study's subjects who have two readers, both sessions and SPARCC."""
    readers = sorted(set(values["reader"]))[:2]
    cells = values[values["reader"].isin(readers)].pivot(
        index="subject", columns=["session", "reader"], values=[column, "sparcc"]
    )
    cells = cells.dropna()
    volumes, scores = (
        np.stack([cells[name][session][readers].to_numpy(float) for session in ("pre", "post")], axis=1)
        for name in (column, "sparcc")
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

    return draw, len(cells)


def empirical_truth(draw) -> dict:
    """The estimators' values over a million scans."""
    found = draw(np.random.default_rng(1), MILLION // SESSIONS)
    d = found["readings"][..., 0] - found["readings"][..., 1]
    subjects, sessions = names(len(d))
    sd = np.sqrt(components(d.ravel(), subjects, sessions).total_variance)
    return {
        "bias": d.mean(), "lower limit": d.mean() - 1.96 * sd, "upper limit": d.mean() + 1.96 * sd,
        "ICC of status": icc_a1(found["readings"].reshape(-1, 2)),
        "ICC of change": icc_a1(found["readings"][:, 1] - found["readings"][:, 0]),
        "slope": line(found["x"].ravel(), found["y"].ravel())[0], "median": float(np.median(d)),
    }  # fmt: skip


def names(subjects: int) -> tuple[np.ndarray, np.ndarray]:
    """Subject and session of every scan, in the order of a raveled (subjects, sessions) array."""
    return np.repeat(np.arange(subjects), SESSIONS), np.tile(np.arange(SESSIONS), subjects)


def intervals(found: dict, seed: int) -> dict:
    """Every interval that the workflow reports, by estimand and method."""
    readings, (subjects, sessions) = found["readings"], names(len(found["readings"]))
    d = (readings[..., 0] - readings[..., 1]).ravel()
    plain, clustered = limits_of_agreement(d, np.zeros(d.size)), clustered_limits(d, subjects, sessions)
    out = {}
    for method, limits in (("paper", plain), ("clustered, MOVER and jackknife", clustered)):
        out |= {("bias", method): limits.bias_ci, ("lower limit", method): limits.lower_ci}
        out["upper limit", method] = limits.upper_ci
    status = reliability(pd.DataFrame(readings.reshape(-1, 2)), subjects)
    change = reliability(pd.DataFrame(readings[:, 1] - readings[:, 0]), np.arange(len(readings)))
    for name, icc in (("ICC of status", status), ("ICC of change", change)):
        out[name, "jackknife of subjects"] = icc["ci_low"], icc["ci_high"]
        out[name, "F distribution"] = icc["f_ci_low"], icc["f_ci_high"]
    fit = regress(found["x"].ravel(), found["y"].ravel())
    out["slope", "paper"] = fit["slope_ci_low"], fit["slope_ci_high"]
    out["slope", "clustered, CV3J"] = clustered_line(found["x"].ravel(), found["y"].ravel(), subjects)["slope"]
    out["median", f"bootstrap of subjects, {RESAMPLES} resamples"] = median_interval(d, subjects, RESAMPLES, seed)
    return out


def coverage(draw, truth: dict, replicates: int) -> dict:
    """Share of replicates whose interval holds the truth."""
    hits: dict = {}
    for seed in range(replicates):
        for (name, method), (low, high) in intervals(draw(np.random.default_rng(100 + seed), SUBJECTS), seed).items():
            hits.setdefault((name, method), []).append(low <= truth[name] <= high)
    return {key: float(np.mean(values)) for key, values in hits.items()}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replicates", type=int, default=1000)
    parser.add_argument("--values", type=Path, default=ROOT / "results" / "simulated" / "7_2_agreement" / "values.tsv")
    arguments = parser.parse_args()
    sources = {"normal": (of_normal, known_truth())}
    if arguments.values.is_file():
        values = read_table(arguments.values)
        for scale, log in (("raw", False), ("log(x + 1)", True)):
            draw, count = of_study(values, "vhi_voxels", log)
            sources[f"{scale} of {count} patients"] = draw, empirical_truth(draw)
    else:
        print(f"{arguments.values} is not there: make run STUDY=simulated, or --values", file=sys.stderr)
    found = {name: coverage(draw, truth, arguments.replicates) for name, (draw, truth) in sources.items()}
    print(f"{arguments.replicates} replicates of {SUBJECTS} subjects with {SESSIONS} scans; truth in brackets\n")
    print("| estimand | interval | " + " | ".join(sources) + " |\n|---|---|" + "---|" * len(sources))
    for name, method in found["normal"]:
        cells = [f"{100 * found[of][name, method]:.1f} % ({sources[of][1][name]:.3g})" for of in sources]
        print(f"| {name} | {method} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
