"""Section 2.7.2: Fig 6, V_HI of each reader against SPARCC: raw, truncated, logarithm."""

from vhi.figures.readers import figure_6
from vhi.figures.style import save_figure
from vhi.io.errors import tell_errors
from vhi.io.tables import read_table

tell_errors(snakemake.log[0])
source, params = snakemake.input, snakemake.params
save_figure(
    figure_6(read_table(source["values"]), read_table(source.relation), params.unit, params.simulated),
    *snakemake.output,
)
