"""Step (v): drop very small regions; what stays is the preliminary segmentation."""

from vhi.inflammation import drop_small_regions
from vhi.io.errors import tell_errors
from vhi.io.images import read_mask, write_labels

tell_errors(snakemake.log[0])
params = snakemake.params
inflammation = read_mask(snakemake.input.inflammation, labels=(0, 1, 2), slice_axis=params.slice_axis)
kept = drop_small_regions(inflammation.volume, **params.small_regions)
write_labels(snakemake.output[0], kept, like=inflammation)
