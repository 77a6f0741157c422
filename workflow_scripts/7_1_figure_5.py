"""Section 2.7.1: Fig 5, V_HI of each reader against the composite references."""

from vhi.figures.overlap import figure_5
from vhi.figures.style import save_figure
from vhi.io.errors import tell_errors
from vhi.io.tables import read_table
from vhi.statistics.values import before_or_after

tell_errors(snakemake.log[0])
source, params = snakemake.input, snakemake.params
composite = before_or_after(read_table(source.composite), params.first)
save_figure(figure_5(composite, read_table(source.agreement), params.simulated), *snakemake.output)
