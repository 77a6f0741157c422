"""Step (vi): every subject's V_HI with its interval, and the shares of the sources of error."""

from vhi.figures.style import save_figure
from vhi.figures.uncertainty import figure_intervals, figure_sources
from vhi.io.errors import tell_errors
from vhi.io.tables import read_table

tell_errors(snakemake.log[0])
table, out = read_table(snakemake.input.uncertainty), snakemake.output
save_figure(figure_intervals(table, snakemake.params.simulated), *out[:2])
save_figure(figure_sources(table, snakemake.params.simulated), *out[2:])
