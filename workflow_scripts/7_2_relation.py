"""Section 2.7.2: V_HI of each reader against the same reader's SPARCC."""

from vhi.io.errors import tell_errors
from vhi.io.tables import read_table, write_table
from vhi.statistics.coverage import with_coverage
from vhi.statistics.primary import with_primary_relation
from vhi.statistics.relation import relation_table
from vhi.statistics.values import reader_values

tell_errors(snakemake.log[0])
source, params = snakemake.input, snakemake.params
sparcc = read_table(source.sparcc) if source.get("sparcc") else None
values = reader_values(read_table(source.measurements), sparcc)
write_table(snakemake.output.values, values)
relation = relation_table(values, params.readers, params.unit, params.quantile)
relation = with_coverage("relation", relation, read_table(source.coverage))
write_table(snakemake.output.relation, with_primary_relation(relation, params.primary))
