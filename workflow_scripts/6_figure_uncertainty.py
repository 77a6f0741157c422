"""Step (vi): every subject's V_HI with its interval, and the shares of the sources of error."""

from vhi.figures.style import save_figure
from vhi.figures.uncertainty import figure_intervals, figure_sources
from vhi.io.errors import tell_errors
from vhi.io.tables import read_table
from vhi.statistics.values import before_or_after

tell_errors(snakemake.log[0])
table, out = before_or_after(read_table(snakemake.input.uncertainty), snakemake.params.first), snakemake.output
save_figure(figure_intervals(table, snakemake.params.simulated), *out[:2])
save_figure(figure_sources(table, snakemake.params.simulated), *out[2:])
