"""Step (vi): measure V_HI of every reading."""

import pandas as pd

from vhi.cleaning.masks import measure
from vhi.io.errors import tell_errors
from vhi.io.images import check_same_grid, read_mask, read_scan
from vhi.io.tables import write_table

COLUMNS = [
    "scan",
    "subject",
    "session",
    "reader",
    "trial",
    "method",
    "source",
    "vhi_voxels",
    "vhi_mm3",
    "lower_only_voxels",
    "upper_voxels",
    "regions",
]

tell_errors(snakemake.log[0])
params = snakemake.params
masks = iter(snakemake.input.masks)
stir = None
rows = []
for row in params.readings:
    if stir is None or stir.path != row["stir"]:
        stir = read_scan(row["stir"], params.slice_axis)
    line = {column: row.get(column) for column in COLUMNS} | {"source": "published count"}
    if row["has_mask"]:
        manual = row["method"] == "manual"
        mask = read_mask(next(masks), labels=(0, 1) if manual else (0, 1, 2), slice_axis=params.slice_axis)
        check_same_grid(mask, stir)
        found = measure(mask.volume, "lower" if manual else params.limit, params.connectivity)
        if manual:  # drawn by hand: no limits, so no labels
            found |= {"lower_only_voxels": None, "upper_voxels": None}
        line |= {"source": "mask", **found}
    elif params.limit != "lower":
        line |= {"source": "not available: the published count is at the lower limit", "vhi_voxels": None}
    if line["vhi_voxels"] is not None:
        line["vhi_mm3"] = line["vhi_voxels"] * stir.voxel_mm3
    rows.append(line)
frame = pd.DataFrame(rows, columns=COLUMNS).convert_dtypes()
write_table(snakemake.output[0], frame.sort_values(["scan", "method", "reader", "trial"]))
