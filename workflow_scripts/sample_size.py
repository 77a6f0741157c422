"""Plan the subjects and readers of a next study from a finished pilot."""

from vhi.io.errors import tell_errors
from vhi.io.files import write_text
from vhi.io.tables import read_table, write_table
from vhi.statistics.sample_size import grant_sentence
from vhi.statistics.sample_size_simulation import planned_curves, sample_size_table
from vhi.statistics.values import follow_ups

tell_errors(snakemake.log[0])
params, out = snakemake.params, snakemake.output
values = read_table(snakemake.input["values"])  # a dot would find the method of that name
_, values = next(follow_ups(values, params.sessions))
table = sample_size_table(values, params.unit, params.settings, params.seed)
write_table(out.table, table)
write_table(out.curves, planned_curves(values, params.unit, params.settings))
write_text(out.sentence, grant_sentence(table) + "\n")
