"""Choose the scans of Figs 1, 3 and 8."""

import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.tables import read_table, write_table
from vhi.report.examples import choose_examples

tell_errors(snakemake.log[0])
source, params = snakemake.input, snakemake.params
rows = pd.DataFrame(params.scans)
drawn = pd.concat([read_table(path) for path in source.counts])
voxels = drawn[drawn["patch"] == "as drawn"].set_index("scan")["preliminary_voxels"]
if source.get("measurements"):
    read = read_table(source.measurements)
    read = read[(read["method"] == "semiautomatic") & read["vhi_voxels"].notna()]
    if len(read):
        voxels = read.groupby("scan")["vhi_voxels"].mean()
rows = rows.assign(voxels=rows["scan"].map(voxels)).dropna(subset=["voxels"])
chosen = choose_examples(rows, params.example_scans, params.example_subject, params.sessions)
write_table(snakemake.output[0], chosen)
