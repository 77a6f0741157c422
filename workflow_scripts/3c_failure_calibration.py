"""Step (iii): try networks on annotated scans, as they are and made abnormal; Dice beside what the networks say."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.files import read_json
from vhi.io.images import check_same_grid, read_mask, read_scan
from vhi.io.tables import read_table, write_table
from vhi.region.abnormal import abnormal_versions
from vhi.region.ensemble import average, normalise, predict_views, rounded
from vhi.region.members import read_member
from vhi.region.precision import used_precision
from vhi.region.quality import describe, describe_drawn
from vhi.statistics.overlap import dice_per_slice

tell_errors(snakemake.log[0])
params, source = snakemake.params, snakemake.input
precision = used_precision(params.precision)
trained = bool(source.get("folds"))
if trained:  # each scan by the network of the fold that has not seen it
    selected, folds = read_json(source.selected), read_table(source.folds)
    network = {
        int(Path(path).parts[-3].removeprefix("fold-")): [read_member(path)]
        for path in source.networks
        if Path(path).parts[-4] == selected["setting"]
    }  # of several lengths the last, which is the longest
    validation = folds[folds["part"] == "validation"].set_index("subject")["fold"]
else:
    members = [read_member(path) for path in source.networks]

rows = []
for row, t1w_path, mask_path in zip(params.scans, source.scans[::2], source.scans[1::2], strict=True):
    t1w, mask = read_scan(t1w_path, params.slice_axis), read_mask(mask_path, slice_axis=params.slice_axis)
    check_same_grid(mask, t1w)
    networks = network.get(validation[row["subject"]]) if trained else members
    if not networks:  # its fold was not trained (training.tried_folds)
        continue
    for version, volume, region in abnormal_versions(t1w.volume, mask.volume, params.seed):
        voxel_mm3 = t1w.voxel_mm3 * t1w.volume.size / volume.size
        views = predict_views(networks, volume, precision, params.threads, **params.averaged)
        found = rounded(average(views.mean(axis=1)), **params.rounding)
        normal = normalise(volume)
        drawn = describe_drawn(region, normal, voxel_mm3)
        rows.append(
            {**row, "version": version, "unseen": trained, "dice": np.nanmean(dice_per_slice(found, region))}
            | describe(views.reshape(-1, *found.shape), normal, voxel_mm3)
            | {f"drawn_{name}": value for name, value in drawn.items()}
        )
    print(f"scan {row['scan']}: Dice {rows[-9]['dice']:.3f} as it is", file=sys.stderr, flush=True)
write_table(snakemake.output[0], pd.DataFrame(rows))
