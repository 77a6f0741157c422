"""Set two variants of a study side by side: config, limits, preliminary voxels, V_HI, Dice, limits of agreement."""

import pandas as pd

from vhi.cleaning.masks import counted
from vhi.io.errors import tell_errors
from vhi.io.files import read_json
from vhi.io.images import check_same_grid, read_mask
from vhi.io.tables import write_table
from vhi.report.compare import (
    LIMITS_OF,
    between_readers,
    changed_keys,
    of_step,
    paired,
    paired_readings,
    paired_scores,
    quantities,
    summary,
)
from vhi.statistics.overlap import dice

tell_errors(snakemake.log[0])
source, params, out = snakemake.input, snakemake.params, snakemake.output
configs = (params.config_a, params.config_b)


masks = [of_step(paths, "5_small_regions") for paths in (source.a, source.b)]
limits = [of_step(paths, "2_threshold") for paths in (source.a, source.b)]
per_scan = [[], []]
overlap = {}
for scan in dict.fromkeys([*masks[0], *masks[1]]):
    images = []
    for side, rows in enumerate(per_scan):
        if scan not in masks[side]:
            continue
        mask = read_mask(masks[side][scan], (0, 1, 2), configs[side]["orientation"]["slice_axis"])
        shown = counted(mask.volume, configs[side]["limits"]["vhi"])
        images.append((mask, shown))
        found = read_json(limits[side][scan])
        rows.append({"scan": scan} | {key: found[key] for key in LIMITS_OF} | {"preliminary_voxels": int(shown.sum())})
    if len(images) == 2:
        check_same_grid(images[1][0], images[0][0])
        overlap[scan] = dice(images[0][1], images[1][1])
columns = [*LIMITS_OF, "preliminary_voxels"]
scans = paired(*(pd.DataFrame(rows) for rows in per_scan), ["scan"], columns)
scans["dice_of_preliminary"] = scans["scan"].map(overlap)
readings, scores = paired_readings(source.a, source.b), paired_scores(source.a, source.b)
write_table(out.config, changed_keys(*configs))
write_table(out.scans, scans)
write_table(out.readings, readings)
write_table(out.dice, scores)
write_table(out.agreement, between_readers(readings, configs[0]["readers"]))
write_table(out.summary, summary(quantities(scans, readings, scores)))
