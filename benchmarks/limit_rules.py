"""The rules of the limits on the public scans: how far each hangs on the patch and on the disease region, and what it can reach.

    python benchmarks/limit_rules.py DATA REGIONS

One row per rule: halves of the patch (ratio of the preliminary voxels, in the drawn region), the limit from the drawn region against
the limit from a predicted one (preliminary voxels within the drawn region), the Dice of the composite of the manual readings with the
best cleaning by whole regions, and the number of regions to clean. REGIONS holds predicted regions as SCAN.nii.gz: after `make paper`,
results/paper/3b_disease_region/ensemble has those of the published networks, which have seen these scans; the folder regions that
`benchmarks/recipes.py train` writes has those of networks that have not. Scans without a file there are left out.
"""

import sys
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow_scripts"))

from limit_constants import region_oracle

from vhi.inflammation import count_at, drop_small_regions, label_regions, survival, threshold
from vhi.io.errors import InputError
from vhi.io.images import read_mask, read_scan
from vhi.marrow.limits import LimitRule, find_limits
from vhi.marrow.mode import inner_region
from vhi.study.load import load_study

ROOT = Path(__file__).parents[1]
RULES = ("paper", "patch_tail", "disease_region")
VOTES = 3


def lower_limit(rule: str, stir: np.ndarray, patch: np.ndarray, region: np.ndarray) -> float:
    """Lower limit of a scan by a rule."""
    inside = inner_region(region) if rule == "disease_region" else patch
    return find_limits(stir[inside], LimitRule(rule=rule)).lower


def ratio(one: float, other: float) -> float:
    """Ratio of the larger to the smaller."""
    return max(one, other) / max(min(one, other), 1)


def measured(data: str, regions: str) -> pd.DataFrame:
    """Every public scan with a drawn region, by rule."""
    study = load_study(ROOT, "paper", data=data)
    manual = pd.DataFrame(study.tables["readings"]).query("method == 'manual'")
    rows = []
    for row in study.tables["scans"]:
        region_file = Path(regions) / f"{row['scan']}.nii.gz"
        if not (row["stir"] and row["normal_marrow"] and row["disease_region"] and region_file.is_file()):
            continue
        image = read_scan(row["stir"])
        stir, place = image.volume, None
        patch, region = (read_mask(row[part]).volume > 0 for part in ("normal_marrow", "disease_region"))
        masks = [read_mask(path).volume > 0 for path in manual.loc[manual["scan"] == row["scan"], "mask"] if path]
        composite = np.sum(masks, axis=0) >= VOTES if len(masks) > VOTES else None
        predicted = read_mask(region_file).volume > 0
        survived = survival(stir, region, 0.4 * np.median(stir[patch]))
        count = partial(lambda limits, s: count_at(s, np.array(limits)), s=survived)
        place = np.argwhere(patch) * image.spacing_mm
        for rule in RULES:
            lower = lower_limit(rule, stir, patch, region)
            line = {"scan": row["scan"], "rule": rule, "lower": lower, "preliminary": int(count([lower])[0])}
            for axis, name in enumerate(("front_back", "up_down", "left_right")):
                half = place[:, axis] <= np.median(place[:, axis])
                try:
                    limits = [
                        lower if rule == "disease_region" else find_limits(stir[patch][h], LimitRule(rule=rule)).lower
                        for h in (half, ~half)
                    ]
                    line[f"halves_{name}"] = ratio(*count(limits))
                except InputError:
                    continue
            line["predicted_region"] = ratio(*count([lower, lower_limit(rule, stir, patch, predicted)]))
            labels = drop_small_regions(threshold(stir, region, lower, np.inf))
            line["regions"] = label_regions(labels)[1]
            if composite is not None:
                line["region_oracle"] = region_oracle(stir, region, composite, lower)
            rows.append(line)
    return pd.DataFrame(rows)


if __name__ == "__main__":
    table = measured(sys.argv[1], sys.argv[2])
    halves = [column for column in table if column.startswith("halves_")]
    print(
        "rule\tscans\thalves_median\thalves_worst\tpredicted_median\tpredicted_worst\toracle_mean\toracle_median\tregions_median"
    )
    for rule, of in table.groupby("rule", sort=False):
        numbers = [
            np.nanmedian(of[halves]),
            np.nanmax(of[halves]),
            of["predicted_region"].median(),
            of["predicted_region"].max(),
        ]
        numbers += [of["region_oracle"].mean(), of["region_oracle"].median(), of["regions"].median()]
        print(rule, len(of), *(f"{value:.3f}" for value in numbers), sep="\t")
    table.to_csv(sys.stderr, sep="\t", index=False, float_format="%.4g")
