"""Section 3.5: the change in V_HI on the change in SPARCC, and what each patient does to the line."""

from vhi.io.errors import tell_errors
from vhi.io.tables import read_table, write_table
from vhi.statistics.coverage import with_coverage
from vhi.statistics.regression import change_regression

tell_errors(snakemake.log[0])
regression, influence = change_regression(read_table(snakemake.input.changes))
coverage = read_table(snakemake.input.coverage)
write_table(snakemake.output.regression, with_coverage("change_regression", regression, coverage))
write_table(snakemake.output.influence, influence)
