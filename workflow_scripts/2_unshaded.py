"""Step (ii): the STIR scan without the shading of the coils, for the limits."""

import numpy as np

from vhi.io.errors import tell_errors
from vhi.io.images import check_same_grid, read_mask, read_scan, write_labels
from vhi.marrow.shading import without_shading

tell_errors(snakemake.log[0])
axis = snakemake.params.slice_axis
stir = read_scan(snakemake.input.stir, axis)
region = read_mask(snakemake.input.disease_region, slice_axis=axis)
check_same_grid(region, stir)
corrected = without_shading(stir.volume, region.volume > 0, stir.spacing_mm)
write_labels(snakemake.output[0], corrected, stir, np.float32)
