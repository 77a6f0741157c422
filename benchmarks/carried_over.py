"""A cleaning carried over to another limit, beside the same reader's cleaning anew. Everything here is simulated.

    python benchmarks/carried_over.py [SUBJECTS]

By variant of the limits: V_HI of the carried-over cleaning relative to that of the repeated one (median of the absolute difference,
90 % quantile), what doing nothing would give (V_HI of the base case), and the Dice of both masks.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow_scripts"))

from vhi.cleaning.carrying import KEPT, carry_over
from vhi.inflammation import drop_small_regions, threshold
from vhi.marrow.limits import LimitRule, find_limits
from vhi.marrow.mode import inner_region
from vhi.simulation.opinions import two_readers
from vhi.simulation.readers import clean
from vhi.simulation.scan import draw_subject, scan_name, simulate
from vhi.statistics.overlap import dice

SEED, MATRIX = 32, (128, 128, 15)
VARIANTS = {
    "n_start 1.0": {"n_start": 1.0},
    "n_start 2.0": {"n_start": 2.0},
    "n_step 0.01": {"n_step": 0.01},
    "iqr_share 0.25": {"iqr_share": 0.25},
    "iqr_share 1": {"iqr_share": 1.0},
    "rule patch_tail": {"rule": "patch_tail"},
    "rule disease_region": {"rule": "disease_region"},
}


def preliminary(stir: np.ndarray, region: np.ndarray, patch: np.ndarray, **keys: object) -> np.ndarray:
    """Preliminary segmentation by a variant of the limits."""
    rule = LimitRule(**keys)
    found = find_limits(stir[inner_region(region) if rule.rule == "disease_region" else patch], rule)
    return drop_small_regions(threshold(stir, region, found.lower, found.upper))


def main(subjects: int) -> None:
    """Print a row per variant, and one over all."""
    rows = []
    for number in range(subjects):
        name, session = f"car{number}", ("pre", "post")[number % 2]
        scan, where = simulate(draw_subject(name, SEED), session, SEED, MATRIX), scan_name(name, session)
        stir, region, patch = (
            volume.transpose(2, 0, 1) for volume in (scan.stir.astype(float), scan.disease_region, scan.normal_marrow)
        )
        base = preliminary(stir, region, patch)
        for reader in two_readers():

            def cleaned(labels, reader=reader, scan=scan, where=where):
                return clean(scan, labels.transpose(1, 2, 0) > 0, reader, SEED, where)[0].transpose(2, 0, 1)

            kept = cleaned(base)
            assert ((carry_over(kept, base, base) == KEPT) == kept).all()
            for variant, keys in VARIANTS.items():
                other = preliminary(stir, region, patch, **keys)
                carried, again = carry_over(kept, base, other) == KEPT, cleaned(other)
                voxels = [np.count_nonzero(mask) for mask in (kept, carried, again)]
                rows.append((variant, *voxels, dice(carried, again)))
    table = pd.DataFrame(rows, columns=["variant", "base", "carried", "again", "dice"])
    table = table[table["again"] > 0]
    print("variant\treadings\tmedian_percent\tq90_percent\tbase_median_percent\tdice_median")
    for variant, of in [*table.groupby("variant", sort=False), ("all", table)]:
        off, nothing = (100 * (of[column] / of["again"] - 1).abs() for column in ("carried", "base"))
        numbers = (off.median(), off.quantile(0.9), nothing.median(), of["dice"].median())
        print(variant, len(of), *(f"{value:.2f}" for value in numbers), sep="\t")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
