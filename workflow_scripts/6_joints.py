"""Step (vi): V_HI by side and bone, and the inflamed quadrants of every slice, of every cleaned reading."""

import pandas as pd

from vhi.cleaning.masks import counted
from vhi.io.errors import tell_errors
from vhi.io.files import read_json
from vhi.io.images import check_same_grid, read_mask
from vhi.io.tables import read_table, write_table
from vhi.joint.scores import READING, score_quadrants, totals, vhi_by_joint
from vhi.joint.territories import LABELS

tell_errors(snakemake.log[0])
source, params = snakemake.input, snakemake.params
labels, abouts = (dict(zip(params.scans, paths, strict=True)) for paths in (source.labels, source.about))
volumes, scores, quadrants = [], [], None
for row, path in zip(params.readings, source.cleaned, strict=True):
    if quadrants is None or quadrants.path != labels[row["scan"]]:
        quadrants = read_mask(labels[row["scan"]], LABELS, params.slice_axis)
        first = read_json(abouts[row["scan"]])["first_slice"] - 1
    cleaned = read_mask(path, (0, 1, 2), params.slice_axis)
    check_same_grid(cleaned, quadrants)
    inflamed = counted(cleaned.volume, params.limit)
    of_reading = pd.DataFrame([{name: row[name] for name in READING}])
    volumes.append(of_reading.merge(vhi_by_joint(inflamed, quadrants.volume, cleaned.voxel_mm3), how="cross"))
    found = score_quadrants(inflamed, quadrants.volume, first, params.minimum_pixels)
    scores.append(of_reading.merge(found, how="cross"))
by_slice = pd.concat(scores, ignore_index=True)
sparcc = read_table(source.sparcc) if source.get("sparcc") else None
write_table(snakemake.output.joints, pd.concat(volumes, ignore_index=True))
write_table(snakemake.output.scores, by_slice)
write_table(snakemake.output.totals, totals(by_slice, sparcc))
