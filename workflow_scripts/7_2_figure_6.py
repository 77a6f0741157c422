"""Section 2.7.2: Fig 6, V_HI of each reader against SPARCC: raw, truncated, logarithm."""

from vhi.figures.readers import figure_6
from vhi.figures.style import save_figure
from vhi.io.errors import tell_errors
from vhi.io.tables import read_table
from vhi.statistics.values import before_or_after

tell_errors(snakemake.log[0])
source, params = snakemake.input, snakemake.params
save_figure(
    figure_6(
        before_or_after(read_table(source["values"]), params.first),
        read_table(source.relation),
        params.unit,
        params.simulated,
    ),
    *snakemake.output,
)
