"""What the error of V_HI costs a reading, on public scans, on one core (seconds of processor time per reading).

    python benchmarks/cost_of_error.py DATA RESULTS

RESULTS is results/paper of `make paper`. The preliminary segmentation stands for what two readers kept: nothing removed costs most.
"""

import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow_scripts"))

from vhi.io.images import read_mask, read_scan
from vhi.marrow.limits import LimitRule, find_limits
from vhi.study.load import load_study
from vhi.uncertainty.alternatives import Cleaned
from vhi.uncertainty.readings import parts_of_scan

ROOT = Path(__file__).parents[1]
SMALL = {"minimum_pixels": 4, "connectivity": 8}


if __name__ == "__main__":
    data, results = sys.argv[1:]
    seconds = []
    for row in load_study(ROOT, "paper", data=data).tables["scans"]:
        if not (row["stir"] and row["normal_marrow"]):
            continue
        stir, marrow = read_scan(row["stir"]), read_mask(row["normal_marrow"]).volume > 0
        labels = read_mask(f"{results}/5_small_regions/{row['scan']}.nii.gz", (0, 1, 2)).volume
        probability = read_scan(f"{results}/3b_disease_region/ensemble/{row['scan']}_probability.nii.gz").volume / 100
        found = find_limits(stir.volume[marrow])
        start = time.process_time()
        cleaned = Cleaned(stir.volume, labels, [labels, labels], found.lower, found.upper, "lower", SMALL)
        parts_of_scan(cleaned, probability > 0.5, probability, marrow, stir.spacing_mm, LimitRule())
        seconds.append((time.process_time() - start) / 2)
        print(f"{row['scan']}\t{np.count_nonzero(labels)} voxels\t{seconds[-1]:.2f}")
    print(f"median {np.median(seconds):.2f}, worst {max(seconds):.2f}")
