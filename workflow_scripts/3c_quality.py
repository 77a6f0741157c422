"""Step (iii): predicted Dice, unusual volume or intensity, and a flag, for every scan; flagged scans first."""

import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.files import read_json
from vhi.io.tables import read_table, write_table
from vhi.region.quality import CHECKED, PREDICTORS, predicted_dice, unusual

tell_errors(snakemake.log[0])
table = pd.DataFrame([read_json(path) for path in snakemake.input.about])
table = table[["scan", *PREDICTORS, *CHECKED]].assign(predicted_dice=float("nan"), unusual="")
if snakemake.input.get("model"):
    model = read_json(snakemake.input.model)
    table["predicted_dice"] = predicted_dice(model, table)
    table["unusual"] = ["; ".join(unusual(model, row)) for row in table.to_dict("records")]
table["look_at_it"] = (table["predicted_dice"] < snakemake.params.flag_below) | (table["unusual"] != "")
compared = read_table(snakemake.input.compared).set_index("scan")
table["drawn_mean_slice_dice"] = table["scan"].map(compared["manual_mean_slice_dice"])
first = ["scan", "look_at_it", "predicted_dice", "unusual", "drawn_mean_slice_dice"]
table = table[first + [column for column in table if column not in first]]
write_table(snakemake.output[0], table.sort_values(["look_at_it", "predicted_dice"], ascending=[False, True]))
