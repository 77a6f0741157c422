"""One half of a patch of normal marrow foretells what the other half gives, on the public scans.

    python benchmarks/patch_halves.py DATA [--shading n4]

Each patch is halved at the median along each axis. The limit from one half, with its spread (`vhi.uncertainty.patch`), gives a
90 % interval of the preliminary voxels that the other half's limit gives in the drawn disease region. The factor of the spread comes
from the other scans. Intervals of the coverage resample scans.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow_scripts"))

from vhi.inflammation import count_at, survival
from vhi.io.images import read_mask, read_scan
from vhi.marrow.limits import LimitRule, find_limits
from vhi.marrow.shading import without_shading
from vhi.study.load import load_study
from vhi.uncertainty.intervals import SCALES
from vhi.uncertainty.patch import patch_spread

ROOT = Path(__file__).parents[1]
AXES = ("front-back", "up-down", "left-right")
RULES = ("paper", "patch_tail")
LEVEL = 0.90


def halves(data: str, shading: str) -> pd.DataFrame:
    """Each half of each public patch foretelling the other, by rule and axis."""
    study = load_study(ROOT, "paper", data=data)
    rows = []
    for row in study.tables["scans"]:
        if not (row["stir"] and row["normal_marrow"] and row["disease_region"]):
            continue
        stir = read_scan(row["stir"])
        volume = stir.volume.astype(float)
        patch = read_mask(row["normal_marrow"]).volume > 0
        region = read_mask(row["disease_region"]).volume > 0
        if shading == "n4":
            volume = without_shading(volume, region, stir.spacing_mm)
        place = np.argwhere(patch) * stir.spacing_mm
        values = volume[patch]
        survived = survival(volume, region, 0.5 * np.median(values))
        for rule in map(LimitRule, RULES):
            for axis, name in enumerate(AXES):
                first = place[:, axis] <= np.median(place[:, axis])
                for half, other in ((first, ~first), (~first, first)):
                    spread = patch_spread(values[half], place[half], rule)
                    limits = [find_limits(values[part], rule).lower for part in (half, other)]
                    scales = SCALES[rule.rule]
                    rows.append(
                        {"scan": row["scan"], "rule": rule.rule, "axis": name, "limit": limits[0], "other": limits[1]}
                        | {"sd": np.sqrt(2) * spread.sd_log(scales.of_blocks, scales.of_tail)}
                        | {"blocks": spread.blocks, "tail": spread.tail, "survived": survived}
                    )
    return pd.DataFrame(rows)


def judged(table: pd.DataFrame) -> pd.DataFrame:
    """Whether each interval holds the other half's preliminary voxels, its factor from the other scans."""
    table = table.assign(z=np.abs(np.log(table["other"] / table["limit"])) / table["sd"])
    parts = []
    for (scan, rule), of in table.groupby(["scan", "rule"], sort=False):
        rest = table[(table["scan"] != scan) & (table["rule"] == rule)]
        width = np.quantile(rest["z"], LEVEL) * of["sd"]
        counts = [count_at(s, [limit])[0] for s, limit in zip(of["survived"], of["other"], strict=True)]
        low, high = (
            np.array(
                [count_at(s, [x])[0] for s, x in zip(of["survived"], of["limit"] * np.exp(sign * width), strict=True)]
            )
            for sign in (1, -1)
        )
        own = np.array([count_at(s, [x])[0] for s, x in zip(of["survived"], of["limit"], strict=True)])
        ratio = np.exp(np.abs(np.log((np.array(counts) + 1) / (own + 1))))
        parts.append(of.assign(held=(low <= counts) & (counts <= high), width=high / np.maximum(low, 1), ratio=ratio))
    return pd.concat(parts)


def coverage(table: pd.DataFrame, seed: int = 1) -> tuple[float, float, float]:
    """Share held, with an interval that resamples scans."""
    by_scan = table.groupby("scan")["held"].mean().to_numpy()
    draws = np.random.default_rng(seed).choice(by_scan, (4000, len(by_scan))).mean(axis=1)
    return 100 * by_scan.mean(), *np.quantile(100 * draws, [0.025, 0.975])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument(
        "--shading", choices=["none", "n4"], default="none", help="of the coils: left, or corrected by N4"
    )
    asked = parser.parse_args()
    found = judged(halves(asked.data, asked.shading))
    print("rule\taxis\tintervals\theld_percent\tci_low\tci_high\tmedian_ratio\tworst_ratio\tmedian_width_ratio")
    for rule, of in found.groupby("rule", sort=False):
        for name, axes in {**{axis: [axis] for axis in AXES}, "left-right and up-down": AXES[1:]}.items():
            part = of[of["axis"].isin(axes)]
            numbers = (*coverage(part), part["ratio"].median(), part["ratio"].max(), part["width"].median())
            print(rule, name, len(part), *(f"{value:.2f}" for value in numbers), sep="\t")
