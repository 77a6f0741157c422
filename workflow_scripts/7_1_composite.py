"""Section 2.7.1: each reading against the composite of the manual trials (majority vote)."""

from itertools import combinations

import numpy as np
import pandas as pd

from vhi.agreement import agreement_table
from vhi.cleaning import counted
from vhi.errors import tell_errors
from vhi.images import read_mask
from vhi.overlap import composite, dice
from vhi.tables import write_table

tell_errors(snakemake.log[0])
params = snakemake.params
masks = iter(snakemake.input.masks)
readings = {}
for row in params.readings:
    if not row["has_mask"] and params.limit != "lower":
        continue  # published counts are at the lower limit
    mask = None
    if row["has_mask"]:
        limit = params.limit if row["method"] == "semiautomatic" else "lower"
        mask = counted(read_mask(next(masks), (0, 1, 2), params.slice_axis).volume, limit)
    readings.setdefault(row["scan"], []).append({**row, "mask": mask})

rows = []
for of_scan in readings.values():
    manual = [row["mask"] for row in of_scan if row["method"] == "manual"]
    if len(manual) < params.votes:
        continue
    reference = composite(manual, params.votes)
    for row in of_scan:
        known = row["mask"] is not None
        rows.append(
            {
                **{column: row[column] for column in ("scan", "subject", "session", "reader", "trial", "method")},
                "vhi_voxels": np.count_nonzero(row["mask"]) if known else row["vhi_voxels"],
                "composite_voxels": np.count_nonzero(reference),
                "composite_of": f"{len(manual)} manual trials, {params.votes} votes",
                "dice": dice(row["mask"], reference) if known else None,
                "source": "mask" if known else "published count",
            }
        )
columns = [
    "scan",
    "subject",
    "session",
    "reader",
    "trial",
    "method",
    "vhi_voxels",
    "composite_voxels",
    "composite_of",
    "dice",
    "source",
]
frame = pd.DataFrame(rows, columns=columns)
write_table(snakemake.output.composite, frame.convert_dtypes())

# Bland-Altman of the cleaned readings against the composite, and of the readers against each other (Fig 5).
cleaned = frame[(frame["method"] == "semiautomatic") & (frame["trial"] == 1)]
voxels = cleaned.pivot(index="scan", columns="reader", values="vhi_voxels")
readers = list(voxels)
voxels["composite"] = cleaned.drop_duplicates("scan").set_index("scan")["composite_voxels"]
pairs = [(reader, "composite") for reader in readers] + list(combinations(readers, 2))
write_table(snakemake.output.agreement, agreement_table(voxels, pairs, "voxels"))
