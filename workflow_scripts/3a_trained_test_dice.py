"""Step (iii): Dice of the trained ensemble on the test slices; every such evaluation is logged."""

import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.files import read_json
from vhi.io.tables import write_table
from vhi.region.members import member_name, read_ensemble
from vhi.region.protocols import setting_config
from vhi.region.test_log import log_evaluation
from vhi.region.training_files import dice_both_ways, read_annotated
from vhi.study.published import read_published

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
selected = read_json(source.selected)
steps = setting_config(selected["setting"], [selected["steps"]], 0, 1).steps
about = {"networks": "ensemble", "subjects": params.subjects, "steps": steps, **params.logged}
log_evaluation(params.test_log, table, source.members, **about)
if source.get("published"):
    published = read_published(source.published, ["scan", "slice", "published_dice"])
    table = table.merge(published, on=["scan", "slice"], how="left")
write_table(snakemake.output[0], table)
