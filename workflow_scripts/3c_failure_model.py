"""Step (iii): fit the predicted Dice, and judge it on subjects and kinds of failure that it has not seen."""

import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.files import write_json
from vhi.io.tables import read_table, write_table
from vhi.region.judged import judge, predict_unseen
from vhi.region.quality import drawn_regions, fit

tell_errors(snakemake.log[0])
table, flag_below = read_table(snakemake.input.calibration), snakemake.params.flag_below
drawn = drawn_regions(table)
write_json(snakemake.output.model, fit(table, drawn) | {"unseen": bool(table["unseen"].all())})

table["predicted_dice"] = predict_unseen(table, drawn)
write_table(snakemake.output.predicted, table[["scan", "subject", "version", "unseen", "dice", "predicted_dice"]])
groups = [("all", table), *table.groupby("version", sort=False)]
judged = [{"version": name} | judge(rows["dice"], rows["predicted_dice"], flag_below) for name, rows in groups]
write_table(snakemake.output.judged, pd.DataFrame(judged).assign(flag_below=flag_below))
