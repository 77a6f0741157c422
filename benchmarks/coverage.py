"""Coverage of the 95 % intervals over replicates: `make coverage`.

Every interval that can be primary: 2,000 replicates of 10, 29 and 100 subjects; every other interval: 500 of 29 subjects. The
populations are those of `populations.py`. Blocks of 100 replicates are kept in `results/coverage`, so that an interrupted run
goes on. Then writes the table that results quote (`workflow_scripts/vhi/statistics/coverage.tsv`) and that of docs/statistics.md.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "workflow_scripts"))

from populations import MEANS, POPULATIONS, SESSIONS, counts, judged, names, truth  # noqa: E402

from vhi.io.tables import write_table  # noqa: E402
from vhi.statistics.agreement import limits_of_agreement  # noqa: E402
from vhi.statistics.by_mean import limits_by_mean  # noqa: E402
from vhi.statistics.change import chi_squared_interval, detectable_interval, smallest_detectable_change  # noqa: E402
from vhi.statistics.clustered import clustered_limits, components  # noqa: E402
from vhi.statistics.jackknife import jackknife_interval, without_each  # noqa: E402
from vhi.statistics.medians import median_interval  # noqa: E402
from vhi.statistics.regression import regress  # noqa: E402
from vhi.statistics.reliability import f_interval, icc_a1  # noqa: E402
from vhi.statistics.responders import from_counts  # noqa: E402
from vhi.statistics.response_means import response_means  # noqa: E402
from vhi.statistics.slopes import clustered_line, log_link_slope  # noqa: E402
from vhi.statistics.tolerance import tolerance_limits  # noqa: E402

BLOCK, RESAMPLES = 100, 199  # resamples of the bootstrap inside a replicate; the workflow takes 10,000
SIZES = {"candidate": (2000, (29, 10, 100)), "other": (500, (29,))}
MARK = "<!-- made by benchmarks/coverage.py -->\n"
TITLES = {"normal": "normal", "heavy": "heavy-tailed", "log": "log(V_HI + 1)", "raw": "V_HI"}
SCALE_OF = {"log": "log(V_HI + 1)", "raw": "V_HI"}
EXACT = ("sign_test", "exact")
METHODS = {
    "paper": "as in the paper", "clustered": "MOVER, jackknifed correlation", "by_mean": "leaving out each subject",
    "jackknife": "leaving out each subject", "cr2": "CR2, Satterthwaite", "log_link": "quasi-Poisson, leaving out each subject",
    "sign_test": "clustered sign test", "chi2": "chi-squared", "howe": "Howe's factor; share of replicates with 95 % content",
    "f": "F distribution", "hc3": "HC3", "bca": f"BCa, {RESAMPLES} resamples", "exact": "Clopper-Pearson",
    "asymptotic": "asymptotic",
}  # fmt: skip
COVERAGE = ["population", "subjects", "estimand", "method", "truth", "replicates", "without_interval"]
COVERAGE += ["coverage_percent", "mc_low", "mc_high"]


def candidates(found: dict, population: str) -> dict:
    """Every interval that can be primary, by estimand and method."""
    readings, x, y = found["readings"], found["x"].ravel(), found["y"].ravel()
    subjects, sessions = names(len(readings))
    status, change = readings.reshape(-1, 2), readings[:, 1] - readings[:, 0]
    a, b = status.T
    d, one = a - b, np.arange(len(readings))
    limits = clustered_limits(d, subjects, sessions)
    out = {(name, "clustered"): interval for name, (_, interval) in limits.quantities.items()}
    out["tolerance", "howe"] = tolerance_limits(components(d, subjects, sessions))
    for name, table, who in (("icc_status", status, subjects), ("icc_change", change, one)):
        left_out = np.array([icc_a1(table[kept]) for kept in without_each(who)])
        out[name, "jackknife"] = jackknife_interval(icc_a1(table), left_out, np.arctanh, np.tanh)
    out |= {(name, "cr2"): of.ci for name, of in clustered_line(x, y, subjects).items()}
    out["proportional_bias", "cr2"] = clustered_line(status.mean(axis=1), d, subjects)["slope"].ci
    out["median", "sign_test"] = median_interval(d, subjects)
    out["median_one_scan", "sign_test"] = median_interval(d[::SESSIONS], one)
    table = pd.DataFrame(change)
    out["smallest_detectable_change", "jackknife"] = detectable_interval(table, 1)
    out["smallest_detectable_change", "chi2"] = chi_squared_interval(
        smallest_detectable_change(table, 1), len(table), 2
    )
    if population == "raw":
        for row in limits_by_mean(a, b, subjects, MEANS):
            out[f"{row['quantity']} at {row['mean']:.0f}", "by_mean"] = row["interval"]
        out["log_slope", "log_link"] = log_link_slope(x, y, subjects).ci
    return out


def others(found: dict, seed: int) -> dict:
    """Every other interval that tables hold, those of the paper's own analyses among them."""
    readings, x, y = found["readings"], found["x"], found["y"]
    status, change = readings.reshape(-1, 2), readings[:, 1] - readings[:, 0]
    plain = limits_of_agreement(*status.T)
    out = {(name, "paper"): interval for name, (_, interval) in plain.quantities.items()}
    out |= {("icc_status", "f"): f_interval(status), ("icc_change", "f"): f_interval(change)}
    line = regress(x.ravel(), y.ravel())
    out |= {(name, "paper"): (line[f"{name}_ci_low"], line[f"{name}_ci_high"]) for name in ("slope", "intercept")}
    mean = readings.mean(axis=2)
    line = regress(x[:, 1] - x[:, 0], mean[:, 1] - mean[:, 0])
    out["change_slope", "paper"] = line["slope_ci_low"], line["slope_ci_high"]
    out["change_slope", "hc3"] = line["slope_hc3_ci_low"], line["slope_hc3_ci_high"]
    paired = pd.DataFrame({("vhi", "pre"): mean[:, 0], ("vhi", "post"): mean[:, 1]})
    for row in response_means(paired, RESAMPLES, np.random.default_rng(seed)):
        out[row["statistic"], "bca"] = row["ci_low"], row["ci_high"]
    table = from_counts(*counts(*judged(found)))
    for name, method in (("agreement", "exact"), ("kappa", "asymptotic"), ("a_of_discordant", "exact")):
        out[name, method] = table[f"{name}_ci_low"], table[f"{name}_ci_high"]
    return out


def holds(interval: tuple[float, float], value: float | np.ndarray) -> bool:
    """Whether an interval holds the truth; for tolerance limits, whether 95 % of the population's differences lie between."""
    low, high = interval
    if np.ndim(value):
        inside = np.searchsorted(value, high, "right") - np.searchsorted(value, low)
        return bool(inside >= 0.95 * len(value))
    return bool(low <= value <= high)


def block(population: str, kind: str, subjects: int, start: int, at: dict) -> dict:
    """Of the replicates from `start` on: how many have an interval, and how many of these hold the truth."""
    tally: dict = {}
    for seed in range(start, start + BLOCK):
        found = POPULATIONS[population](np.random.default_rng((2023, seed)), subjects)
        with np.errstate(all="ignore"):
            every = candidates(found, population) if kind == "candidate" else others(found, seed)
        for (name, method), interval in every.items():
            count = tally.setdefault(f"{name}|{method}", [0, 0])
            if np.isfinite(interval).all():
                count[0] += 1
                count[1] += holds(interval, at[name])
    return tally


def run(folder: Path) -> None:
    """Measure what is not yet measured, a file per population, kind and number of subjects."""
    folder.mkdir(parents=True, exist_ok=True)
    for population in POPULATIONS:
        at = truth(population)
        kept = {name: value for name, value in at.items() if not np.ndim(value)}
        (folder / f"truth_{population}.json").write_text(json.dumps(kept))
        for kind, (replicates, sizes) in SIZES.items():
            for subjects in sizes:
                path = folder / f"{population}_{kind}_{subjects}.jsonl"
                done = len(path.read_text().splitlines()) if path.is_file() else 0
                for start in range(done * BLOCK, replicates, BLOCK):
                    tally = block(population, kind, subjects, start, at)
                    with path.open("a") as file:
                        file.write(json.dumps(tally) + "\n")
                print(f"{population}, {kind}, {subjects} subjects: {replicates} replicates", flush=True)


def summary(folder: Path) -> pd.DataFrame:
    """Coverage of every interval with its exact 95 % Monte Carlo interval, by `COVERAGE`."""
    rows = []
    for population in POPULATIONS:
        file = folder / f"truth_{population}.json"
        at = json.loads(file.read_text()) if file.is_file() else {}
        for kind, (_, sizes) in SIZES.items():
            for subjects in sizes:
                path = folder / f"{population}_{kind}_{subjects}.jsonl"
                blocks = [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []
                for key in blocks[0] if blocks else ():
                    name, method = key.split("|")
                    with_one, held = (sum(tally[key][place] for tally in blocks) for place in (0, 1))
                    total = BLOCK * len(blocks)
                    row = [population, subjects, name, method, at.get(name), total, total - with_one]
                    if with_one:
                        ends = stats.beta.ppf([0.025, 0.975], [held, held + 1], [with_one - held + 1, with_one - held])
                        ends = np.where(np.isnan(ends), [0, 1], ends)
                        row += [
                            round(100 * float(value), digits)
                            for value, digits in zip((held / with_one, *ends), (1, 2, 2), strict=True)
                        ]
                    rows.append(dict(zip(COVERAGE, row, strict=False)))
    return pd.DataFrame(rows, columns=COVERAGE)


def enters(rows: pd.DataFrame) -> bool:
    """Whether an interval can be primary: the Monte Carlo interval of its coverage overlaps 93 to 97 % at 29 and 100 subjects.

    An exact interval (`EXACT`) may cover more. One that is missing in more than 1 in 100 replicates cannot.
    """
    rows = rows[rows["subjects"].isin((29, 100))]
    if len(rows) < 2 or (rows["without_interval"] > 0.01 * rows["replicates"]).any():
        return False
    low_enough = (rows["mc_low"] <= 97) | rows["method"].isin(EXACT)
    return bool(((rows["mc_high"] >= 93) & low_enough).all())


def docs_table(table: pd.DataFrame) -> str:
    """Markdown: coverage in percent by population, at 10, 29 and 100 subjects or at 29 alone."""
    head = ["estimand", "interval", *(TITLES[name] for name in TITLES), "can be primary on"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for (estimand, method), rows in table.groupby(["estimand", "method"], sort=False):
        cells, primary = [], []
        for population in TITLES:
            part = rows[rows["population"] == population].sort_values("subjects")
            cells.append(" / ".join(f"{percent:.1f}" for percent in part["coverage_percent"]))
            primary += [SCALE_OF[population]] if population in SCALE_OF and enters(part) else []
        lines.append(
            "| " + " | ".join([estimand.replace("_", " "), METHODS[method], *cells, ", ".join(primary)]) + " |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run, and write both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=ROOT / "results" / "coverage")
    parser.add_argument("--tables-only", action="store_true", help="write the tables of what is measured so far")
    arguments = parser.parse_args()
    if not arguments.tables_only:
        run(arguments.folder)
    table = summary(arguments.folder)
    write_table(ROOT / "workflow_scripts" / "vhi" / "statistics" / "coverage.tsv", table)
    page = ROOT / "docs" / "statistics.md"
    before, _, after = page.read_text(encoding="utf-8").partition(MARK)
    page.write_text(before + MARK + docs_table(table) + MARK + after.partition(MARK)[2], encoding="utf-8")


if __name__ == "__main__":
    main()
