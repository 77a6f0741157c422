"""Section 2.7.1: each reading against the composite of the manual trials (majority vote)."""

import numpy as np
import pandas as pd
from vhi.agreement import limits_of_agreement
from vhi.errors import tell_errors
from vhi.images import read_mask
from vhi.overlap import composite, dice
from vhi.tables import write_table

tell_errors(snakemake.log[0])
params = snakemake.params
masks = iter(snakemake.input.masks)
readings = {}
for row in params.readings:
    mask = read_mask(next(masks), (0, 1, 2), params.slice_axis).volume > 0 if row["has_mask"] else None
    readings.setdefault(row["scan"], []).append({**row, "mask": mask})

rows = []
for scan, of_scan in readings.items():
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
columns = "scan subject session reader trial method vhi_voxels composite_voxels composite_of dice source".split()
frame = pd.DataFrame(rows, columns=columns)
write_table(snakemake.output.composite, frame.convert_dtypes())

# Bland-Altman of the cleaned readings against the composite, and of the readers against each other (Fig 5).
cleaned = frame[(frame["method"] == "semiautomatic") & (frame["trial"] == 1)]
voxels = cleaned.pivot(index="scan", columns="reader", values="vhi_voxels")
voxels["composite"] = cleaned.drop_duplicates("scan").set_index("scan")["composite_voxels"]
readers = [column for column in voxels if column != "composite"]
pairs = [(reader, "composite") for reader in readers]
pairs += [(a, b) for i, a in enumerate(readers) for b in readers[i + 1 :]]
agreement = []
for a, b in pairs:
    found = limits_of_agreement(voxels[a], voxels[b])
    agreement.append(
        {
            "a": a,
            "b": b,
            "n": found.n,
            "bias_voxels": found.bias,
            "sd_voxels": found.sd,
            "lower_limit_voxels": found.lower,
            "upper_limit_voxels": found.upper,
            "bias_ci_low": found.bias_ci[0],
            "bias_ci_high": found.bias_ci[1],
        }
    )
columns = "a b n bias_voxels sd_voxels lower_limit_voxels upper_limit_voxels bias_ci_low bias_ci_high".split()
write_table(snakemake.output.agreement, pd.DataFrame(agreement, columns=columns))
