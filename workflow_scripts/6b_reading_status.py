"""The reading room: which readings are done, open, begun or stale, and how far the pages of each other task are."""

import os
from pathlib import Path

import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.tables import write_table
from vhi.reading_room.intake import state_of
from vhi.study.rows import read_schema

COLUMNS = ["task", "reader", "trial", "scan", "code", "state", "active_minutes", "file", "what"]

tell_errors(snakemake.log[0])
params, inputs = snakemake.params, snakemake.input
schema = read_schema(Path(inputs.schema).parents[2], "record")
preliminary_file = dict(zip(params.scans, inputs.preliminary, strict=True))
rows = []
for reading in params.readings:
    now = preliminary_file[reading["scan"]]
    state, what, record = state_of(reading, now, schema, params.slice_axis, params.connectivity)
    codes = sorted({row["code"] for row in reading["key"]})
    row = (
        {"task": "cleaning"}
        | {name: reading[name] for name in ("reader", "trial", "scan")}
        | {"code": codes[0] if codes else None}
    )
    row |= {"state": state, "active_minutes": round(record["active_ms"] / 60_000, 2) if record else None}
    rows.append(row | {"file": reading["mask"] or reading["draft"], "what": what})
frame = pd.DataFrame(rows, columns=COLUMNS).sort_values(["reader", "trial", "scan"])
frame = pd.concat([frame, pd.DataFrame(params.pages)], ignore_index=True)
frame["file"] = [os.path.relpath(path, params.study) if pd.notna(path) else None for path in frame["file"]]
write_table(snakemake.output[0], frame.convert_dtypes())
