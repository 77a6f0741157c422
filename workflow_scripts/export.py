"""List what was exported, each file with its kind and size."""

from pathlib import Path

import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.tables import write_table

tell_errors(snakemake.log[0])
folder = Path(snakemake.output[0]).parent
rows = [(Path(path).relative_to(folder).as_posix(), Path(path).stat().st_size) for path in snakemake.input.files]
frame = pd.DataFrame(rows, columns=["path", "bytes"])
frame.insert(0, "format", frame["path"].str.split("/").str[0].map({"bids": "BIDS derivative", "dicom": "DICOM SEG"}))
write_table(snakemake.output[0], frame)
