"""Step (vi): measure V_HI of every reading."""

import pandas as pd

from vhi.cleaning.readings import MEASURED, measured
from vhi.io.errors import tell_errors
from vhi.io.images import read_scan
from vhi.io.tables import write_table

tell_errors(snakemake.log[0])
params = snakemake.params
masks, stir, rows = iter(snakemake.input.masks), None, []
for row in params.readings:
    if row["stir"] is None:
        stir = None  # no image is at hand; the row gives the volume of a voxel
    elif stir is None or stir.path != row["stir"]:
        stir = read_scan(row["stir"], params.slice_axis)
    path = next(masks) if row["has_mask"] else None
    rows.append(measured(row, path, stir, params.limit, params.slice_axis, params.connectivity))
frame = pd.DataFrame(rows, columns=MEASURED).convert_dtypes()
write_table(snakemake.output[0], frame.sort_values(["scan", "method", "reader", "trial"]))
