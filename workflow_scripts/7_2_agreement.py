"""Section 2.7.2: agreement of the readers in V_HI and SPARCC."""

from vhi.io.errors import tell_errors
from vhi.io.tables import read_table, write_table
from vhi.statistics.by_mean import by_mean_table
from vhi.statistics.coverage import with_coverage
from vhi.statistics.interobserver import limits_table, pairs_table, reliability_table
from vhi.statistics.primary import with_primary_limits
from vhi.statistics.ratios import ratios_table

tell_errors(snakemake.log[0])
params, out = snakemake.params, snakemake.output
values = read_table(snakemake.input["values"])  # a dot would find the method of that name
pairs = pairs_table(values, params.readers, params.unit, params.quantile)
write_table(out.pairs, pairs)
coverage = read_table(snakemake.input.coverage)
for name, table in (("limits", limits_table(pairs)), ("limits_by_mean", by_mean_table(pairs))):
    write_table(out[name], with_primary_limits(with_coverage(name, table, coverage), params.primary))
write_table(out.ratios, ratios_table(values, params.readers))
reliability = reliability_table(values, params.readers, params.unit, params.sessions)
write_table(out.reliability, with_coverage("reliability", reliability, coverage))
