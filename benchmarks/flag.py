"""The flag of a disease region, judged on altered scans and on what weak networks make of real ones.

    python benchmarks/flag.py TABLE [TABLE ...]

A table is `3b_disease_region/failure_calibration.tsv` of a study, or RECIPE/tried.tsv of `benchmarks/recipes.py train`. Kinds are the
scan as it is and altered, and the scan as it is by a network after a few hundred steps. The Dice of each row is predicted by a model
that saw neither its subject nor its kind. Intervals (95 %) resample subjects.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow_scripts"))

from vhi.io.tables import read_table
from vhi.region.judged import predict_unseen
from vhi.region.quality import drawn_regions

GOOD, LEVEL, DRAWS = 0.85, 0.80, 4000


def with_kinds(table: pd.DataFrame) -> pd.DataFrame:
    """Name the length of a weak network in the place of the version, as the workflow does."""
    if "steps" not in table:  # a study's own table
        return table
    weak = table["steps"] < table.groupby("recipe")["steps"].transform("max")
    return table.assign(version=table["version"].mask(weak, "after " + table["steps"].astype(str) + " steps"))


def resampled(table: pd.DataFrame, statistic) -> str:
    """A statistic with the interval that resampling subjects gives."""
    parts = [rows for _, rows in table.groupby("subject")]
    chance = np.random.default_rng(1)
    drawn = [
        statistic(pd.concat([parts[n] for n in chance.integers(len(parts), size=len(parts))])) for _ in range(DRAWS)
    ]
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return f"{statistic(table):.3f} ({low:.3f} to {high:.3f})"


def lower_bounds(table: pd.DataFrame) -> pd.Series:
    """Conformal lower bound of each row's Dice: the predicted one less a quantile over the other subjects' largest errors."""
    worst = (table["predicted"] - table["dice"]).groupby(table["subject"]).max()
    bounds = pd.Series(np.nan, table.index)
    for subject in worst.index:
        others = np.sort(worst.drop(subject))
        place = int(np.ceil((len(others) + 1) * LEVEL)) - 1
        rows = table["subject"] == subject
        bounds[rows] = table["predicted"][rows] - (others[place] if place < len(others) else np.inf)
    return bounds


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="+", type=Path)
    table = pd.concat(map(read_table, parser.parse_args().tables), ignore_index=True)
    table = with_kinds(table)
    table["predicted"] = predict_unseen(table, drawn_regions(table))
    failed = table["dice"] < GOOD
    print(f"{len(table)} regions of {table['subject'].nunique()} subjects, {failed.sum()} failures (Dice below {GOOD})")
    print(
        table.assign(failed=failed, flagged=table["predicted"] < GOOD)
        .groupby("version", sort=False)[["dice", "failed", "flagged"]]
        .agg({"dice": "mean", "failed": "sum", "flagged": "sum"})
        .round(3)
        .to_string()
    )
    for name, rows in (("failures flagged", failed), ("good regions flagged", ~failed)):
        print(name, resampled(table[rows], lambda t: (t["predicted"] < GOOD).mean()))
    print("error of the predicted Dice, mean", resampled(table, lambda t: (t["predicted"] - t["dice"]).abs().mean()))
    print(
        "slope of the Dice on the predicted one",
        resampled(table, lambda t: np.polyfit(t["predicted"], t["dice"], 1)[0]),
    )
    held = table.assign(held=table["dice"] >= lower_bounds(table))
    print(
        f"subjects whose {100 * LEVEL:.0f} % lower bounds all hold",
        f"{held.groupby('subject')['held'].all().mean():.2f}",
    )
    print(f"width of the bound: {(table['predicted'] - lower_bounds(table)).mean():.3f}")
