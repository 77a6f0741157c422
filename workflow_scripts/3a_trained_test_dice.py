"""Step (iii): Dice of the trained ensemble on the test slices; every such evaluation is appended to a log."""

from pathlib import Path

import pandas as pd

from vhi.ensemble import member_name, read_ensemble
from vhi.errors import tell_errors
from vhi.protocols import averaging_in_words
from vhi.published import read_published
from vhi.tables import read_table, write_table
from vhi.training_files import dice_both_ways, read_annotated, test_log_row

tell_errors(snakemake.log[0])
params, source = snakemake.params, snakemake.input
members = read_ensemble(source.members)
names = ["dice", *map(member_name, source.members)]
rows = []
for scan, (t1w, mask) in zip(params.scans, read_annotated(source.scans, params.slice_axis), strict=True):
    scores = {"scan": scan, "slice": range(1, len(mask) + 1)}
    both = dice_both_ways(members, t1w, mask, params.averaged, params.rounding, params.precision, params.threads)
    for way, dice in both.items():
        suffix = way.removeprefix("dice")
        scores |= {name + suffix: one for name, one in zip(names, dice, strict=True)}
    rows.append(pd.DataFrame(scores))
table = pd.concat(rows)
if source.get("published"):
    published = read_published(source.published, ["scan", "slice", "published_dice"])
    table = table.merge(published, on=["scan", "slice"], how="left")
write_table(snakemake.output.table, table)

log = Path(snakemake.output.log)
before = read_table(log) if log.is_file() and log.stat().st_size else pd.DataFrame()
how = averaging_in_words({"mirrored": params.averaged["flip"], **params.averaged, **params.rounding})
write_table(log, pd.concat([before, test_log_row(table, source.members, params.protocol, len(before) + 1, how)]))
