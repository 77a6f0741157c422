"""Section 2.7.3: whether a reader changes over the order of reading."""

import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.tables import read_table, write_table
from vhi.statistics.drift import reader_drift

tell_errors(snakemake.log[0])
params = snakemake.params
values = read_table(snakemake.input["values"])  # a dot would find the method of that name
values = values.assign(vhi=values[f"vhi_{params.unit}"])
write_table(snakemake.output[0], reader_drift(values, pd.DataFrame(params.order)))
