"""Section 2.7.3: change of V_HI with its error, and whether it lies beyond measurement error."""

from vhi.io.errors import tell_errors
from vhi.io.tables import read_table, write_table
from vhi.statistics.values import first_visits
from vhi.uncertainty.change import changes_with_error

tell_errors(snakemake.log[0])
params, errors = snakemake.params, first_visits(read_table(snakemake.input.uncertainty))
write_table(snakemake.output[0], changes_with_error(errors, params.rule, params.sessions).convert_dtypes())
