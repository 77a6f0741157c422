"""Step (v): count the preliminary voxels for the marrow patch as drawn and without its brightest voxel."""

from vhi.io.errors import tell_errors
from vhi.io.images import check_same_grid, read_mask, read_scan
from vhi.io.tables import read_table, write_table
from vhi.marrow.limits import LimitRule
from vhi.marrow.stability import preliminary_counts
from vhi.region.used import without_marrow

tell_errors(snakemake.log[0])
source, params, scan = snakemake.input, snakemake.params, snakemake.wildcards.scan
stir = read_scan(source.stir, params.slice_axis)
disease_region = read_mask(source.disease_region, slice_axis=params.slice_axis)
check_same_grid(disease_region, stir)
region = without_marrow(disease_region.volume, stir, source.excluded, params.slice_axis)
intensities = read_table(source.intensities)["stir_intensity"].to_numpy()
rule = LimitRule(**params.limit_rule)
counts = preliminary_counts(stir.volume, region, intensities, rule, **params.small_regions)
counts.insert(0, "scan", scan)
write_table(snakemake.output[0], counts)
