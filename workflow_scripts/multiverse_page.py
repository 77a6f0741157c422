"""The multiverse: a page where a universe can be picked and seen."""

from vhi.io.errors import tell_errors
from vhi.io.files import write_text
from vhi.io.tables import read_table
from vhi.multiverse.names import conclusion
from vhi.report.multiverse import multiverse_page

tell_errors(snakemake.log[0])
source = snakemake.input
outcomes = read_table(source.outcomes)
said, outcome = conclusion(outcomes, read_table(source.joint) if source.get("joint") else None)
write_text(
    snakemake.output[0], multiverse_page(snakemake.params.title, read_table(source.universes), outcomes, said, outcome)
)
