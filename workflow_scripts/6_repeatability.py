"""Step (vi): repeatability of V_HI from subjects who were scanned again without change."""

from vhi.io.errors import tell_errors
from vhi.io.tables import read_table, write_table
from vhi.uncertainty.repeatability import repeatability

tell_errors(snakemake.log[0])
found = repeatability(read_table(snakemake.input.measurements), snakemake.params.unit)
write_table(snakemake.output[0], found.convert_dtypes())
