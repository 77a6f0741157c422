"""The constants of the limits beside the paper's, from simulated scans of full size (`vhi/marrow/limits.py`).

    python benchmarks/limit_constants.py [SCANS]

Prints, in the median over simulated scans (normal, fatty and sclerotic marrow), where the paper's limits lie in mean
excesses above the patch's upper quartile and in spreads above the disease region's mode, and how well the best cleaning by whole
regions reaches the true inflammation at several multiples of the spread.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow_scripts"))

from vhi.inflammation import drop_small_regions, label_regions, threshold
from vhi.marrow.limits import find_limits
from vhi.marrow.mode import inner_region, mode_and_spread
from vhi.simulation.scan import draw_subject, simulate
from vhi.statistics.overlap import dice

SEED, FROM_REGION = 31, 0.35
KINDS = ("normal", "normal", "normal", "fatty", "normal", "normal", "sclerotic", "normal", "normal", "normal")


def region_oracle(stir: np.ndarray, region: np.ndarray, truth: np.ndarray, lower: float) -> float:
    """Dice of the truth and the best cleaning by whole regions: each is kept that is true by a share of `FROM_REGION`."""
    regions, count = label_regions(drop_small_regions(threshold(stir, region, lower, np.inf)))
    size = np.bincount(regions.ravel(), minlength=count + 1)
    keep = np.bincount(regions.ravel(), truth.ravel(), minlength=count + 1) >= FROM_REGION * np.maximum(size, 1)
    keep[0] = False
    return dice(keep[regions], truth)


def main(scans: int) -> None:
    """Print the medians."""
    rows = []
    for number in range(scans):
        subject = draw_subject(f"lim{number}", SEED, KINDS[number % len(KINDS)])
        scan = simulate(subject, ("pre", "post")[number % 2], SEED)
        stir, region, patch, truth = (
            volume.transpose(2, 0, 1)
            for volume in (scan.stir.astype(float), scan.disease_region, scan.normal_marrow, scan.truth.inflammation)
        )
        paper, values = find_limits(stir[patch]), stir[patch]
        excess = (np.quantile(values, 0.875) - paper.q3) / np.log(2)
        mode, spread = mode_and_spread(stir[inner_region(region)])
        row = {
            "lower, mean excesses": (paper.lower - paper.q3) / excess,
            "upper, mean excesses": (paper.upper - paper.q3) / excess,
            "lower, spreads": (paper.lower - mode) / spread,
            "upper, spreads": (paper.upper - mode) / spread,
        }
        if truth.sum() > 50:
            row["region oracle, paper"] = region_oracle(stir, region, truth, paper.lower)
            for multiple in (1.5, 2.0, 2.5, 3.0):
                row[f"region oracle, {multiple:g} spreads"] = region_oracle(
                    stir, region, truth, mode + multiple * spread
                )
        rows.append(row)
        print(f"{number + 1} of {scans}", file=sys.stderr)
    print(pd.DataFrame(rows).median().round(3).to_string())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
