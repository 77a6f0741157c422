"""Step (i): write the STIR intensities of a scan's normal marrow."""

import numpy as np
import pandas as pd

from vhi.io.errors import InputError, tell_errors
from vhi.io.images import check_same_grid, read_mask, read_scan
from vhi.io.tables import write_table

tell_errors(snakemake.log[0])
stir = read_scan(snakemake.input.stir, snakemake.params.slice_axis)
normal_marrow = read_mask(snakemake.input.normal_marrow, slice_axis=snakemake.params.slice_axis)
check_same_grid(normal_marrow, stir)

inside = normal_marrow.volume > 0
if not inside.any():
    raise InputError(
        f"{normal_marrow.path}: the normal-marrow region is empty: draw it on STIR, in the interforaminal sacrum"
    )
places = np.argwhere(inside)
write_table(
    snakemake.output[0],
    pd.DataFrame(places, columns=["slice", "row", "column"]).assign(stir_intensity=stir.volume[inside]),
)
