"""Step (iii): set the ensemble's disease regions beside the drawn ones, and what they do to the preliminary count."""

import numpy as np
import pandas as pd

from vhi.inflammation import drop_small_regions, threshold
from vhi.io.errors import tell_errors
from vhi.io.files import read_json
from vhi.io.images import read_mask, read_scan
from vhi.io.tables import write_table
from vhi.region.resampling import on_grid_of
from vhi.region.used import without_marrow
from vhi.statistics.overlap import dice, dice_per_slice

tell_errors(snakemake.log[0])
params = snakemake.params
limits = {found["scan"]: found for found in map(read_json, snakemake.input.limits)}
stirs = dict(zip(limits, snakemake.input.stir, strict=True))


def preliminary_voxels(row, region):
    """Sensitive preliminary voxels of a scan within a disease region."""
    stir = read_scan(stirs[row["scan"]], params.slice_axis)
    excluded = [row["normal_marrow"]] if params.exclude_normal_marrow else []
    used = without_marrow(on_grid_of(stir, region, params.resample), stir, excluded, params.slice_axis)
    labels = threshold(stir.volume, used, limits[row["scan"]]["lower"], limits[row["scan"]]["upper"])
    return np.count_nonzero(drop_small_regions(labels, **params.small_regions))


rows = []
for row, path in zip(params.scans, snakemake.input.ensemble, strict=True):
    ensemble = read_mask(path, slice_axis=params.slice_axis)
    measured = row["scan"] in limits
    line = {"scan": row["scan"], "ensemble_voxels": np.count_nonzero(ensemble.volume)}
    line["ensemble_preliminary_voxels"] = preliminary_voxels(row, ensemble) if measured else None
    for kind in ("manual", "corrected", "published"):
        columns = dict.fromkeys(("voxels", "dice", "mean_slice_dice", "preliminary_voxels"))
        if kind in row["drawn"]:
            region = read_mask(row["drawn"][kind], slice_axis=params.slice_axis)
            drawn = on_grid_of(ensemble, region, params.resample)
            columns["voxels"] = np.count_nonzero(drawn)
            columns["dice"] = dice(ensemble.volume, drawn)
            columns["mean_slice_dice"] = np.nanmean(dice_per_slice(ensemble.volume, drawn))
            columns["preliminary_voxels"] = preliminary_voxels(row, region) if measured else None
        line |= {f"{kind}_{column}": value for column, value in columns.items()}
    rows.append(line)
frame = pd.DataFrame(rows)
write_table(snakemake.output[0], frame.convert_dtypes())
