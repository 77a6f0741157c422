"""Section 2.7.3: standardised response means of V_HI and SPARCC, compared on the same resamples of subjects."""

from vhi.io.errors import tell_errors
from vhi.io.tables import read_table, write_table
from vhi.statistics.coverage import with_coverage
from vhi.statistics.visits import response_means_by_visit

tell_errors(snakemake.log[0])
source, params = snakemake.input, snakemake.params
clinical = None
if source.get("clinical"):
    clinical = read_table(source.clinical).query("rule == @params.rule")
table = response_means_by_visit(read_table(source.changes), clinical, params.resamples, params.seed, params.arms)
write_table(snakemake.output[0], with_coverage("response_means", table, read_table(source.coverage)))
