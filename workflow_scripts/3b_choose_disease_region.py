"""Step (iii): put the disease region that is used on the grid it is used on, and say where it came from."""

import numpy as np

from vhi.io.errors import InputError, tell_errors
from vhi.io.files import write_json
from vhi.io.images import check_same_grid, read_mask, read_scan, write_labels
from vhi.io.terminal import say
from vhi.region.resampling import carry_and_report, on_one_grid

tell_errors(snakemake.log[0])
params, source = snakemake.params, snakemake.input
t1w = read_scan(source.t1w, params.slice_axis)
region = read_mask(source.region, slice_axis=params.slice_axis)
stir = read_scan(source.stir, params.slice_axis) if source.get("stir") else None
resampled = None
if not region.volume.any():
    raise InputError(f"{region.path}: the disease region is empty: expected the bone of the pelvis; draw or correct it")
if params.resample and stir and on_one_grid(region, stir):
    used, grid = region.volume, stir  # drawn on the STIR, or both have one grid
else:
    check_same_grid(region, t1w)
    used, grid = region.volume, t1w
    if params.resample and stir:
        found = carry_and_report(region.volume, region.affine, stir.affine, stir.volume.shape)
        if not found.region.any():
            raise InputError(
                f"{stir.path}: no voxel lies in the disease region carried over from {t1w.path}: expected two scans of one "
                "pelvis in one session; check that they belong together"
            )
        used, grid, resampled = found.region, stir, found
    elif stir:  # steps (iv) and (v) carry the region over voxel by voxel
        try:
            check_same_grid(t1w, stir)
        except InputError as error:
            raise InputError(f"{error}, or set disease_region.resample: true in the study's config") from error

write_labels(snakemake.output.region, used, like=grid)
about = {
    "scan": snakemake.wildcards.scan,
    "source": params.source,
    "file": params.file,
    "voxels": int(np.count_nonzero(used)),
}
if resampled:
    about["resampled"] = {
        key: round(getattr(resampled, key), 4) for key in ("returned_dice", "outside_share", "volume_ratio")
    }
    if resampled.outside_share > 0.05:
        say(f"{100 * resampled.outside_share:.1f} % of the region lie outside the STIR's field of view")
write_json(snakemake.output.about, about)
