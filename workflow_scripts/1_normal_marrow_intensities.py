"""Step (i): write the STIR intensities of a scan that its limits come from."""

import numpy as np
import pandas as pd

from vhi.io.errors import InputError, tell_errors
from vhi.io.images import check_same_grid, read_mask, read_scan
from vhi.io.tables import write_table
from vhi.marrow.mode import inner_region

tell_errors(snakemake.log[0])
stir = read_scan(snakemake.input.stir, snakemake.params.slice_axis)
mask = read_mask(snakemake.input.mask, slice_axis=snakemake.params.slice_axis)
check_same_grid(mask, stir)

inside = mask.volume > 0
if not snakemake.params.is_patch:
    inside = inner_region(inside)
elif not inside.any():
    raise InputError(f"{mask.path}: the normal-marrow region is empty: draw it on STIR, in the interforaminal sacrum")
places = np.argwhere(inside)
write_table(
    snakemake.output[0],
    pd.DataFrame(places, columns=["slice", "row", "column"]).assign(stir_intensity=stir.volume[inside]),
)
