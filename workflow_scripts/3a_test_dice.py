"""Step (iii): Dice of the ensemble's disease region on every slice of the test scans."""

import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.images import check_same_grid, read_mask
from vhi.io.tables import write_table
from vhi.statistics.overlap import dice_per_slice
from vhi.study.published import read_published

tell_errors(snakemake.log[0])
rows = []
for scan, ensemble_path, manual_path in zip(
    snakemake.params.scans, snakemake.input.ensemble, snakemake.input.manual, strict=True
):
    ensemble = read_mask(ensemble_path, slice_axis=snakemake.params.slice_axis)
    manual = read_mask(manual_path, slice_axis=snakemake.params.slice_axis)
    check_same_grid(manual, ensemble)
    scores = dice_per_slice(ensemble.volume, manual.volume)
    rows.append(pd.DataFrame({"scan": scan, "slice": range(1, len(scores) + 1), "dice": scores}))
frame = pd.concat(rows)
if snakemake.input.get("published"):
    published = read_published(snakemake.input.published, ["scan", "slice", "published_dice"])
    frame = frame.merge(published, on=["scan", "slice"], how="left")
write_table(snakemake.output[0], frame)
