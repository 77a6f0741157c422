"""Step (iii): Dice of the trained ensemble on the test slices; every such evaluation is appended to a log."""

from pathlib import Path

import pandas as pd

from vhi.ensemble import average, member_name, predict, read_ensemble, rounded, used_precision
from vhi.errors import tell_errors
from vhi.overlap import dice_per_slice
from vhi.published import read_published
from vhi.tables import read_table, write_table
from vhi.training_files import VIEWS, read_annotated, test_log_row

tell_errors(snakemake.log[0])
params, source = snakemake.params, snakemake.input
members = read_ensemble(source.members)
precision = used_precision(params.precision)
rows = []
for scan, (t1w, mask) in zip(params.scans, read_annotated(source.scans, params.slice_axis), strict=True):
    scores = {"scan": scan, "slice": range(1, len(mask) + 1)}
    for name, views in VIEWS.items():
        probabilities = predict(members, t1w, precision, params.threads, **views)
        scores[name] = dice_per_slice(rounded(average(probabilities), params.smallest_part), mask)
        for path, one in zip(source.members, probabilities, strict=True):
            scores[f"{member_name(path)}{name.removeprefix('dice')}"] = dice_per_slice(
                rounded(one, params.smallest_part), mask
            )
    rows.append(pd.DataFrame(scores))
table = pd.concat(rows)
if source.get("published"):
    published = read_published(source.published, ["scan", "slice", "published_dice"])
    table = table.merge(published, on=["scan", "slice"], how="left")
write_table(snakemake.output.table, table)

log = Path(snakemake.output.log)
before = read_table(log) if log.is_file() and log.stat().st_size else pd.DataFrame()
write_table(log, pd.concat([before, test_log_row(table, source.members, params.protocol, len(before) + 1)]))
