"""The reading room: which readings are done, open, begun or stale."""

from pathlib import Path

import pandas as pd

from vhi.cleaning.reading_room.intake import check_handed_in, read_record
from vhi.io.errors import InputError, tell_errors
from vhi.io.images import read_mask
from vhi.io.tables import write_table
from vhi.study.rows import read_schema

tell_errors(snakemake.log[0])
params, inputs = snakemake.params, snakemake.input
schema = read_schema(Path(inputs.schema).parents[2], "record")
preliminary_file = dict(zip(params.scans, inputs.preliminary, strict=True))


def state_of(reading):
    """State of a reading, what is to be said of it, and its record."""
    if reading["vhi_voxels"] is not None and reading["mask"] is None:
        return "done", "a published count stands in", None
    path = reading["mask"] or reading["draft"]
    if path is None:
        return "open", "", None
    if not path.endswith(".json"):
        return "done", "a mask", None
    try:
        record = read_record(path, schema)
        if record["finished"] is None:
            return "begun", f"{len(record['steps'])} steps", record
        preliminary = read_mask(preliminary_file[reading["scan"]], (0, 1, 2), params.slice_axis).volume
        kept = {row["preliminary"]: row["kept"] for row in reading["key"] if Path(row["kept"]).is_file()}
        before = {known: read_mask(kept[known], (0, 1, 2), params.slice_axis).volume for known in kept}
        check_handed_in(record, preliminary, reading["key"], before, params.connectivity)
        return "done", "", record
    except InputError as error:
        return "stale" if " is stale, " in str(error) else "refused", str(error), None


rows = []
for reading in params.readings:
    state, what, record = state_of(reading)
    codes = sorted({row["code"] for row in reading["key"]})
    rows.append(
        {
            "reader": reading["reader"],
            "trial": reading["trial"],
            "scan": reading["scan"],
            "code": codes[0] if codes else None,
            "state": state,
            "active_minutes": round(record["active_ms"] / 60_000, 2) if record else None,
            "file": reading["mask"] or reading["draft"],
            "what": what,
        }
    )
frame = pd.DataFrame(rows)
write_table(snakemake.output[0], frame.sort_values(["reader", "trial", "scan"]))
