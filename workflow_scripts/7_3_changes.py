"""Section 2.7.3: change of V_HI and SPARCC under treatment, and the smallest change that readers can tell from none."""

from vhi.io.errors import tell_errors
from vhi.io.tables import read_table, write_table
from vhi.statistics.change import change_tables
from vhi.statistics.consensus import with_consensus
from vhi.statistics.coverage import with_coverage
from vhi.statistics.visits import change_by_visit

tell_errors(snakemake.log[0])
source, params = snakemake.input, snakemake.params
sparcc = read_table(source.sparcc) if source.get("sparcc") else None
changes, detectable = change_tables(
    read_table(source.measurements), sparcc, params.unit, params.readers, params.all_readers, params.sessions
)
if source.get("consensus"):
    agreed = read_table(source.consensus)
    changes, detectable = with_consensus(changes, detectable, agreed, params.unit, params.sessions)
write_table(snakemake.output.changes, changes)
write_table(snakemake.output.by_visit, change_by_visit(changes, params.arms))
write_table(snakemake.output.detectable, with_coverage("detectable_change", detectable, read_table(source.coverage)))
