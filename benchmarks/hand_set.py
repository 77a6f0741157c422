"""What the hand-set habits of the simulated readers do to V_HI minus truth, over a finished simulated run.

.venv/bin/python benchmarks/hand_set.py [STUDY]    # after `make demo`, or `make run STUDY=...`

Each line: one setting of both readers changed, all others as they are; V_HI minus truth over the readings, in voxels.
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow_scripts"))

from vhi.io.images import read_stored
from vhi.simulation.opinions import two_readers
from vhi.simulation.readers import clean
from vhi.simulation.rebuild import rebuild
from vhi.study.load import load_study


def with_keeps(reader, factor):
    """Multiply the probabilities of leaving what is not inflammation."""
    return replace(
        reader,
        keeps={reason: min(1, factor * chance) for reason, chance in reader.keeps.items()},
        keeps_near_joint=min(1, factor * reader.keeps_near_joint),
    )


SETTINGS = {
    "as set": lambda reader: reader,
    "faint / 2": lambda reader: replace(reader, faint=reader.faint / 2),
    "faint x 2": lambda reader: replace(reader, faint=reader.faint * 2),
    "keeps and keeps_near_joint: 0": lambda reader: with_keeps(reader, 0),
    "keeps and keeps_near_joint x 2": lambda reader: with_keeps(reader, 2),
    "slips: 0": lambda reader: replace(reader, slips=0.0),
    "cuts_joint: 0": lambda reader: replace(reader, cuts_joint=0.0),
    "cuts_joint: 1": lambda reader: replace(reader, cuts_joint=1.0),
}

study = load_study(Path(__file__).parents[1], sys.argv[1] if len(sys.argv) > 1 else "demo")
marrow = {row["subject"]: row["marrow"] for row in study.tables["design"]}
errors = {name: [] for name in SETTINGS}
for row in study.tables["scans"]:
    path = Path("results") / study.label / "5_small_regions" / f"{row['scan']}.nii.gz"
    if path.is_file():
        subject = {"name": row["subject"], "marrow": marrow[row["subject"]], "session": row["session"]} | {
            "repeat": row["repeat"]
        }
        scan = rebuild(subject, study.config["simulation"])
        preliminary = read_stored(path) > 0
        for name, changed in SETTINGS.items():
            for reader in map(changed, two_readers()):
                cleaned, _ = clean(scan, preliminary, reader, study.config["simulation"]["seed"], row["scan"])
                errors[name].append(int(cleaned.sum()) - int(scan.truth.inflammation.sum()))
for name, found in errors.items():
    print(f"{name:32} mean {np.mean(found):+8,.0f}   median {np.median(found):+8,.0f}   readings {len(found)}")
