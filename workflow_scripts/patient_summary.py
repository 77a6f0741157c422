"""One page on a subject: before and after treatment, V_HI and its change, in words for clinician and patient."""

import numpy as np

from vhi.cleaning.masks import counted
from vhi.figures.style import save_figure
from vhi.figures.summary import draw_summary
from vhi.figures.summary_shown import error_of_change, with_intervals, with_values
from vhi.figures.summary_values import detectable_ml, joints_ml
from vhi.io.errors import tell_errors
from vhi.io.files import read_json
from vhi.io.images import read_mask, read_scan
from vhi.io.tables import read_table

tell_errors(snakemake.log[0])
source, params = snakemake.input, snakemake.params
axis = params.slice_axis
masks = dict(zip(map(tuple, params.masked), source.masks, strict=True))
sessions = {}
for place, row in enumerate(params.scans):
    kept = {}
    for (scan, reader), path in masks.items():
        if scan == row["scan"]:
            labels = read_mask(path, (0, 1, 2), axis).volume
            kept[reader] = np.where(counted(labels, params.limit), labels, 0)
    counts = {reader: int(np.count_nonzero(labels)) for reader, labels in kept.items()}
    for reading in params.readings:
        if reading["scan"] == row["scan"] and params.limit == "lower":  # published counts are at the lower limit
            counts.setdefault(reading["reader"], reading["vhi_voxels"])
    if not counts:
        continue
    stir = read_scan(source.stir[place], axis)
    sessions[row["called"]] = {
        "scan": row["scan"],
        "visit": row["session"],
        "counts": counts,
        "kept": kept,
        "voxel_mm3": stir.voxel_mm3,
        "stir": stir.volume,
        "spacing": stir.spacing_mm,
        "region": read_mask(source.region[place], slice_axis=axis).volume,
        "limits": read_json(source.limits[place]),
    }
sessions = with_values(sessions)
if source.uncertainty:
    with_intervals(sessions, read_table(source.uncertainty))
errors, limits = (read_table(source[name]) if source[name] else None for name in ("change", "detectable"))
error = error_of_change(errors, snakemake.wildcards.subject, sessions)
detectable = detectable_ml(limits, sessions)
joints = joints_ml(read_table(source.joints) if source.joints else None, sessions)
page = draw_summary(snakemake.wildcards.subject, sessions, detectable, error, params.simulated, joints, params.language)
save_figure(page, *snakemake.output, dpi=100)  # a report holds a page per subject
