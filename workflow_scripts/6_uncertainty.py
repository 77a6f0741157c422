"""Step (vi): V_HI of every reading with its interval, and what the interval is made of."""

import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.tables import read_table, write_table
from vhi.uncertainty.readings import uncertainty

tell_errors(snakemake.log[0])
keys = ["scan", "reader", "trial", "sd_log_patch", "sd_log_region"]
parts = [read_table(path) for path in snakemake.input.errors]
table = pd.concat(parts) if parts else pd.DataFrame(columns=keys)
found = uncertainty(read_table(snakemake.input.measurements), table, snakemake.params.rule)
write_table(snakemake.output[0], found.convert_dtypes())
