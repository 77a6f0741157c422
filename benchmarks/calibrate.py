"""Simulated images beside the ten public ones: the image rows of the table in docs/simulation.md, and two criteria for each.

    python benchmarks/calibrate.py DATA [--variant wider] [--scans 40]

A row holds where the real median lies within the simulated quartiles and at least nine of ten real scans lie within the simulated 2.5
to 97.5 %; n of the lower limit holds where its simulated median lies within 1.6 to 2.0 as well.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow_scripts"))

from vhi.io.images import read_mask, read_scan
from vhi.marrow.limits import find_limits
from vhi.simulation.calibration import WHAT, from_presentation, measure_images
from vhi.simulation.rebuild import rebuild
from vhi.study.load import load_study

ROOT = Path(__file__).parents[1]
COLUMNS = ("t1w", "stir", "normal_marrow", "disease_region")
MULTIPLE = (1.6, 2.0)


def measured(t1w: np.ndarray, stir: np.ndarray, patch: np.ndarray, region: np.ndarray) -> dict[str, float]:
    """Image rows of one scan."""
    return measure_images(t1w, stir, patch, region) | {"multiple": find_limits(stir[patch]).n}


def real(data: str) -> pd.DataFrame:
    """Public scans with normal marrow and a drawn disease region."""
    rows = []
    for row in load_study(ROOT, "paper", data=data).tables["scans"]:
        if all(row[name] for name in COLUMNS):
            images = [read_scan(row[name]).volume for name in COLUMNS[:2]]
            masks = [read_mask(row[name]).volume > 0 for name in COLUMNS[2:]]
            rows.append(measured(*map(from_presentation, (*images, *masks))))
    return pd.DataFrame(rows)


def simulated(variant: str, scans: int) -> pd.DataFrame:
    """New subjects of the simulated study, before and after treatment in turn."""
    settings = load_study(ROOT, "simulated", variant).config["simulation"]
    rows = []
    for number in range(scans):
        subject = {"name": f"calibrate{number:03d}", "marrow": "normal", "repeat": 1}
        scan = rebuild(subject | {"session": ("pre", "post")[number % 2]}, settings)
        rows.append(measured(*(getattr(scan, name) for name in COLUMNS)))
        print(f"\r{number + 1} of {scans}", end="", file=sys.stderr)
    return pd.DataFrame(rows)


def judged(simulated: pd.DataFrame, real: pd.DataFrame) -> pd.DataFrame:
    """Both criteria for each row."""
    rows = []
    for name in real:
        low, first, middle, third, high = np.nanquantile(simulated[name], [0.025, 0.25, 0.5, 0.75, 0.975])
        median, within = real[name].median(), int(real[name].between(low, high).sum())
        holds = first <= median <= third and within >= 0.9 * len(real)
        if name == "multiple":
            holds = holds and MULTIPLE[0] <= middle <= MULTIPLE[1]
        numbers = {"2.5 %": low, "25 %": first, "median": middle, "75 %": third, "97.5 %": high, "real median": median}
        lowest, highest = real[name].min(), real[name].max()
        rows.append({"measure": WHAT[name], **numbers, "real": f"{lowest:.3g} to {highest:.3g}", "within": within})
        rows[-1] |= {"verdict": "holds" if holds else "missed"}
    return pd.DataFrame(rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="folder of the public scans")
    parser.add_argument(
        "--variant", default="wider", help="variant of the simulated study; 'none' for the study itself"
    )
    parser.add_argument("--scans", type=int, default=40)
    given = parser.parse_args()
    public = real(given.data)
    table = judged(simulated("" if given.variant == "none" else given.variant, given.scans), public)
    print(f"\nsimulated: {given.scans} scans, variant {given.variant}; real: {len(public)} scans\n")
    print(table.to_csv(sep="\t", index=False, float_format="%.3g"), end="")
    print(f"\nverdict: {(table['verdict'] == 'holds').sum()} of {len(table)} rows hold")
