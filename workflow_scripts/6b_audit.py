"""The reading room: one row per scan and reader of what was removed, how, and for which reason."""

import pandas as pd

from vhi.cleaning.audit import audit_row
from vhi.io.errors import tell_errors
from vhi.io.files import read_json
from vhi.io.images import read_mask
from vhi.io.tables import write_table

tell_errors(snakemake.log[0])
params = snakemake.params
preliminary, scan_now = None, None
rows = []
for (scan, reader, trial), record, path in zip(
    params.readings, snakemake.input.records, snakemake.input.preliminary, strict=True
):
    if scan != scan_now:
        preliminary, scan_now = read_mask(path, labels=(0, 1, 2), slice_axis=params.slice_axis).volume, scan
    found = audit_row(read_json(record), preliminary, params.connectivity)
    rows.append({"scan": scan, "reader": reader, "trial": trial} | found)
write_table(snakemake.output[0], pd.DataFrame(rows).convert_dtypes())
