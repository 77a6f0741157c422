"""Step (iv): label what reaches the limits within a scan's disease region."""

from vhi.inflammation import threshold
from vhi.io.errors import tell_errors
from vhi.io.files import read_json
from vhi.io.images import check_same_grid, read_mask, read_scan, write_labels
from vhi.region.used import without_marrow

tell_errors(snakemake.log[0])
source, params = snakemake.input, snakemake.params
stir = read_scan(source.stir, params.slice_axis)
disease_region = read_mask(source.disease_region, slice_axis=params.slice_axis)
check_same_grid(disease_region, stir)

limits = read_json(source.limits)
region = without_marrow(disease_region.volume, stir, source.excluded, params.slice_axis)
write_labels(snakemake.output[0], threshold(stir.volume, region, limits["lower"], limits["upper"]), like=stir)
