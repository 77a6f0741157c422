"""Section 2.7.2: Fig 7, the readers against each other in V_HI and SPARCC: raw, truncated, logarithm."""

from vhi.figures.readers import figure_7
from vhi.figures.style import save_figure
from vhi.io.errors import tell_errors
from vhi.io.tables import read_table
from vhi.statistics.values import before_or_after

tell_errors(snakemake.log[0])
source, params = snakemake.input, snakemake.params
pairs = before_or_after(read_table(source.pairs), params.first)
limits, by_mean = read_table(source.limits), read_table(source.by_mean)
save_figure(figure_7(pairs, limits, by_mean, params.simulated), *snakemake.output)
