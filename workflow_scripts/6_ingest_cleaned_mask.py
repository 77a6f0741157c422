"""Step (vi): take in the mask that a reader cleaned, checked against its preliminary segmentation."""

import sys

from vhi.cleaning import check_cleaned
from vhi.errors import InputError, tell_errors
from vhi.files import write_json
from vhi.images import check_same_grid, read_mask, write_labels

tell_errors(snakemake.log[0])
params, wildcards = snakemake.params, snakemake.wildcards
preliminary = read_mask(snakemake.input.preliminary, labels=(0, 1, 2), slice_axis=params.slice_axis)
mask = read_mask(snakemake.input.cleaned, labels=(0, 1, 2), slice_axis=params.slice_axis)
check_same_grid(mask, preliminary)
try:
    cleaned = check_cleaned(
        mask.volume,
        preliminary.volume,
        params.connectivity,
        params.added_voxels,
        params.max_cut_share,
        params.max_added_share,
    )
except InputError as error:
    raise InputError(f"{mask.path} (scan {wildcards.scan}, reader {wildcards.reader}): {error}") from error

if cleaned.added_voxels:
    print(f"{mask.path}: {cleaned.added_voxels} voxels lie outside the preliminary segmentation; kept", file=sys.stderr)
write_labels(snakemake.output.mask, cleaned.labels, like=preliminary)
write_json(
    snakemake.output.about,
    {
        "scan": wildcards.scan,
        "reader": wildcards.reader,
        "trial": int(wildcards.trial),
        "regions_before": cleaned.regions,
        "regions_removed": cleaned.removed,
        "regions_cut": cleaned.cut,
        "added_voxels": cleaned.added_voxels,
    },
)
