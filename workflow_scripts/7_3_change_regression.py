"""Section 3.5: the change in V_HI on the change in SPARCC, and what each patient does to the line."""

import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.tables import read_table, write_table
from vhi.statistics.regression import INFLUENCE, REGRESSION, influence, regress

tell_errors(snakemake.log[0])
changes = read_table(snakemake.input.changes)
unit = changes.loc[changes["measure"] == "vhi", "unit"].iloc[0]
rows, single = [], []
for reader, table in changes.groupby("reader", sort=False):
    wide = table.pivot(index="subject", columns="measure", values="change")
    if {"vhi", "sparcc"} <= set(wide):
        rows.append({"reader": reader, "unit_of_vhi": unit} | regress(wide["sparcc"], wide["vhi"]))
        single.append(influence(wide.index, wide["sparcc"], wide["vhi"]).assign(reader=reader))
write_table(snakemake.output.regression, pd.DataFrame(rows, columns=["reader", "unit_of_vhi", *REGRESSION]))
table = pd.concat(single) if single else pd.DataFrame()
names = {"x": "change_sparcc", "y": "change_vhi"}
write_table(snakemake.output.influence, table.reindex(columns=["reader", *INFLUENCE]).rename(columns=names))
