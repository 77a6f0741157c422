"""The reading room: V_HI of the consensus, scan by scan, with its interval; and what was decided."""

import pandas as pd

from vhi.cleaning.masks import measure
from vhi.io.errors import tell_errors
from vhi.io.images import read_mask
from vhi.io.tables import read_table, write_table
from vhi.reading_room.made import DECISIONS
from vhi.uncertainty.consensus import consensus_table

tell_errors(snakemake.log[0])
source, params, axis = snakemake.input, snakemake.params, snakemake.params.slice_axis
rows = []
for scan, path in zip(params.scans, source.masks, strict=True):
    mask = read_mask(path, (0, 1, 2), axis)
    measured = measure(mask.volume, params.limit, params.connectivity)
    rows.append({"scan": scan, "vhi_voxels": measured["vhi_voxels"], "voxel_mm3": mask.voxel_mm3})
table = consensus_table(read_table(source.uncertainty), pd.DataFrame(rows), params.readers, params.rule)
write_table(snakemake.output.vhi, table.convert_dtypes())
decisions = read_table(source.decisions) if source.get("decisions") else pd.DataFrame(columns=DECISIONS)
write_table(snakemake.output.decisions, decisions[decisions["scan"].isin(params.scans)])
