"""Step (iii): put the disease region that is used on the T1w grid, and say where it came from."""

import numpy as np

from vhi.errors import InputError, tell_errors
from vhi.files import write_json
from vhi.images import check_same_grid, read_mask, read_scan, write_labels

tell_errors(snakemake.log[0])
t1w = read_scan(snakemake.input.t1w, snakemake.params.slice_axis)
region = read_mask(snakemake.input.region, slice_axis=snakemake.params.slice_axis)
check_same_grid(region, t1w)
if snakemake.input.get("stir"):  # steps (iv) and (v) carry the region over voxel by voxel
    check_same_grid(t1w, read_scan(snakemake.input.stir, snakemake.params.slice_axis))
if not region.volume.any():
    raise InputError(f"{region.path}: the disease region is empty: expected the bone of the pelvis; draw or correct it")

write_labels(snakemake.output.region, region.volume, like=t1w)
write_json(
    snakemake.output.about,
    {
        "scan": snakemake.wildcards.scan,
        "source": snakemake.params.source,
        "file": snakemake.params.file,
        "voxels": int(np.count_nonzero(region.volume)),
    },
)
