"""The reading room: SPARCC sheets that came back under codes, with the scans that they belong to."""

import pandas as pd

from vhi.io.errors import InputError, naming, tell_errors
from vhi.io.tables import write_table
from vhi.reading_room.blinding import unblinded
from vhi.reading_room.keys import read_key
from vhi.reading_room.made import SHEET

tell_errors(snakemake.log[0])
frames = []
for reader, path in zip(snakemake.params.readers, snakemake.input.sheets, strict=True):
    sheet = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    if set(sheet.columns) != set(SHEET):
        raise InputError(f"{path}: expected the columns {', '.join(SHEET)}, found {', '.join(sheet.columns)}")
    with naming(path):
        frames.append(unblinded(sheet[list(SHEET)], read_key(snakemake.params.records, reader), reader))
write_table(snakemake.output[0], pd.concat(frames, ignore_index=True))
