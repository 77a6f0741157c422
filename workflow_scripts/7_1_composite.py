"""Section 2.7.1: each reading against the composites of manual and of mixed trials, each manual trial against the others."""

from itertools import combinations

import pandas as pd

from vhi.cleaning.readings import readings_by_scan
from vhi.io.errors import tell_errors
from vhi.io.tables import write_table
from vhi.statistics.agreement import agreement_table
from vhi.statistics.overlap_tables import COMPOSITE, composite_rows

tell_errors(snakemake.log[0])
params = snakemake.params
rows = []
for _, of_scan in readings_by_scan(params.readings, snakemake.input.masks, params.limit, params.slice_axis):
    rows += composite_rows(of_scan, params.votes)
frame = pd.DataFrame(rows, columns=COMPOSITE).convert_dtypes()
write_table(snakemake.output.composite, frame.sort_values("composite", kind="stable"))  # manual first, as in the paper

# Bland-Altman of the cleaned readings against each composite, and of the readers against each other (Fig 5).
tables = []
for name, of_composite in frame[(frame["method"] == "semiautomatic") & (frame["trial"] == 1)].groupby("composite"):
    voxels = of_composite.pivot(index="scan", columns="reader", values="vhi_voxels").astype(float)
    readers = list(voxels)
    voxels["composite"] = of_composite.drop_duplicates("scan").set_index("scan")["composite_voxels"].astype(float)
    pairs = [(reader, "composite") for reader in readers] + ([] if tables else list(combinations(readers, 2)))
    tables.append(
        agreement_table(voxels, pairs, "voxels").assign(
            composite=name, source=", ".join(of_composite["source"].unique())
        )
    )
empty = agreement_table(pd.DataFrame(), [], "voxels").assign(composite=[], source=[])
agreement = pd.concat(tables) if tables else empty
write_table(snakemake.output.agreement, agreement[["composite", *empty.columns.drop("composite")]])
