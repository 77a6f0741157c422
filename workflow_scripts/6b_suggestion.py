"""The reading room: learn from the study's own records how probably a region is removed; cross-validated by subject."""

import pandas as pd

from vhi.cleaning.reading_room.suggestion import calibration, region_features, suggest
from vhi.io.errors import tell_errors
from vhi.io.files import read_json, write_json
from vhi.io.images import read_mask
from vhi.io.tables import write_table

tell_errors(snakemake.log[0])
params, inputs = snakemake.params, snakemake.input
subject_of = {row["scan"]: row["subject"] for row in params.scans}
records = {}
for (scan, reader, _), path in zip(params.readings, inputs.records, strict=True):
    records.setdefault(scan, []).append((reader, read_json(path)))

frames = []
for scan, path in zip(subject_of, inputs.preliminary, strict=True):
    image = read_mask(path, labels=(0, 1, 2), slice_axis=params.slice_axis)
    features = region_features(image.volume, image.spacing_mm, params.connectivity)
    features.insert(0, "scan", scan)
    features.insert(1, "subject", subject_of[scan])
    for reader, record in records.get(scan, [(None, None)]):
        gone = {item["region"] for item in record["removed"]} if record else None
        removed = features["region"].isin(gone).astype(float) if record else float("nan")
        frames.append(features.assign(reader=reader, removed=removed))
suggestions, checked = suggest(pd.concat(frames, ignore_index=True))
bins, scores = calibration(checked)
write_table(snakemake.output.suggestions, suggestions)
write_table(snakemake.output.calibration, bins)
write_json(snakemake.output.scores, scores)
