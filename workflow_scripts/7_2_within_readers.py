"""Section 2.7.2: agreement of each reader with themselves, on the scans that were shown twice."""

from vhi.io.errors import tell_errors
from vhi.io.tables import read_table, write_table
from vhi.statistics.within import within_tables

tell_errors(snakemake.log[0])
params, measurements = snakemake.params, read_table(snakemake.input.measurements)
tables = within_tables(measurements, params.readers, params.unit, params.quantile, params.sessions)
for path, table in zip(snakemake.output, tables, strict=True):
    write_table(path, table)
