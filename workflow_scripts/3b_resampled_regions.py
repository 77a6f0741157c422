"""Step (iii): list what carrying the disease regions onto the grid of the STIR did to them."""

import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.files import read_json
from vhi.io.tables import write_table

COLUMNS = ["scan", "resampled", "returned_dice", "outside_share", "volume_ratio"]

tell_errors(snakemake.log[0])
rows = []
for about in map(read_json, snakemake.input.about):
    measured = about.get("resampled")
    rows.append({"scan": about["scan"], "resampled": "yes" if measured else "no", **(measured or {})})
write_table(snakemake.output[0], pd.DataFrame(rows, columns=COLUMNS))
