"""Section 2.7.3: change of V_HI with its error, and whether it lies beyond measurement error."""

from vhi.io.errors import tell_errors
from vhi.io.tables import read_table, write_table
from vhi.statistics.values import first_visits
from vhi.uncertainty.change import change_with_error

tell_errors(snakemake.log[0])
errors = first_visits(read_table(snakemake.input.uncertainty))
write_table(snakemake.output[0], change_with_error(errors, snakemake.params.rule).convert_dtypes())
