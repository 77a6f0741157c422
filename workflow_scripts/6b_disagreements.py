"""The reading room: two readers of one scan as a difference of lists, and what each difference does to V_HI."""

import itertools

import pandas as pd

from vhi.cleaning.audit import DIFFERENCES, by_reason, differences
from vhi.io.errors import tell_errors
from vhi.io.files import read_json
from vhi.io.images import read_mask
from vhi.io.tables import write_table

tell_errors(snakemake.log[0])
params, inputs = snakemake.params, snakemake.input
files = dict(zip([tuple(key) for key in params.readings], zip(inputs.records, inputs.masks, strict=True), strict=True))
frames = []
for scan, path in zip(params.scans, inputs.preliminary, strict=True):
    preliminary = read_mask(path, labels=(0, 1, 2), slice_axis=params.slice_axis)
    readings = [(reader, trial) for known, reader, trial in files if known == scan]
    for pair in itertools.combinations(readings, 2):
        if pair[0][0] == pair[1][0]:  # two trials of one reader
            continue
        names = {f"{reader}.{trial}": files[scan, reader, trial] for reader, trial in pair}
        labels = {name: read_mask(mask, (0, 1, 2), params.slice_axis).volume for name, (_, mask) in names.items()}
        records = {name: read_json(record) for name, (record, _) in names.items()}
        found = differences(
            records, labels, preliminary.volume, params.limit, preliminary.voxel_mm3, params.connectivity
        )
        found.insert(0, "scan", scan)
        found["slice"] += 1  # as the reading room counts
        frames.append(found)
frames = [frame for frame in frames if len(frame)]
frame = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(DIFFERENCES))
write_table(snakemake.output.regions, frame)
write_table(snakemake.output.reasons, by_reason(frame))
