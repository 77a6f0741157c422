"""Section 2.7.1: Fig 5, V_HI of each reader against the composite references."""

from vhi.figures.overlap import figure_5
from vhi.figures.style import save_figure
from vhi.io.errors import tell_errors
from vhi.io.tables import read_table

tell_errors(snakemake.log[0])
source, params = snakemake.input, snakemake.params
save_figure(figure_5(read_table(source.composite), read_table(source.agreement), params.simulated), *snakemake.output)
