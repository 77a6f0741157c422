"""The multiverse: voxel numbers of every scan for one pair of limits and one smallest region."""

import numpy as np
import pandas as pd

from vhi.io.errors import naming, tell_errors
from vhi.io.tables import write_table
from vhi.marrow.limits import LimitRule
from vhi.multiverse.masks import MASKS, mask_rows
from vhi.multiverse.voxels import unpacked

tell_errors(snakemake.log[0])
params, rows = snakemake.params, []
for scan, path in zip(params.scans, snakemake.input.voxels, strict=True):
    with np.load(path) as file, naming(f"scan {scan}"):
        stored = dict(file)
        found = mask_rows(scan, unpacked(stored), LimitRule(**params.limit_rule), **params.small_regions)
    rows += [row | {"voxel_mm3": float(stored["voxel_mm3"])} for row in found]
write_table(snakemake.output[0], pd.DataFrame(rows, columns=[*MASKS, "voxel_mm3"]))
