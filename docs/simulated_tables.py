"""Write the tables of the simulated studies, from their design (make simulated-tables)."""

import sys
from pathlib import Path

import pandas as pd
import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow_scripts"))

from vhi.io.tables import write_table
from vhi.simulation.cohort import design_study, drawn_scans, readings_table, scans_table, subjects_table
from vhi.simulation.trial import trial_tables

ROOT = Path(__file__).parents[1]
DESIGNS = {
    "demo": {"subjects": 12, "train": 4, "test": 2, "fatty": 1, "sclerotic": 1},
    "simulated": {"subjects": 29, "train": 8, "test": 2, "fatty": 2, "sclerotic": 1},
}
REPEATED = {"simulated": 8}  # subjects scanned twice at each session
SCANS = {
    "t1w": "{scan}_T1W.nii.gz",
    "stir": "{scan}_STIR.nii.gz",
    "normal_marrow": "{scan}_normal_marrow.nii.gz",
    "disease_region": "{scan}_disease_region.nii.gz",
}
TRIAL = {"subjects": 200, "seed": 20260101}
READINGS = {"manual": "{scan}_{reader}_drawn_{trial}.nii.gz", "semiautomatic": "{scan}_{reader}_cleaned.nii.gz"}


def tables(study: str) -> dict[str, pd.DataFrame]:
    """The tables of a simulated study by name."""
    if study == "trial":
        return trial_tables(**TRIAL)
    config = yaml.safe_load((ROOT / "config" / study / "config.yaml").read_text(encoding="utf-8"))
    seed = config["simulation"]["seed"]
    design = design_study(seed=seed, **DESIGNS[study])
    scans = scans_table(design, SCANS, REPEATED.get(study, 0))
    readings = readings_table(scans, drawn_scans(scans, 8), config["readers"], READINGS)
    return {
        "design": design[["subject", "marrow"]],
        "scans": scans,
        "readings": readings,
        "subjects": subjects_table(design, seed),
    }


if __name__ == "__main__":
    for study in [*DESIGNS, "trial"]:
        for name, table in tables(study).items():
            write_table(ROOT / "config" / study / f"{name}.tsv", table)
