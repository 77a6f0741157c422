"""Section 2.7.1: Fig 4, Dice scores within and between readers."""

from vhi.figures.overlap import figure_4
from vhi.figures.style import save_figure
from vhi.io.errors import tell_errors
from vhi.io.tables import read_table

tell_errors(snakemake.log[0])
source, params = snakemake.input, snakemake.params
save_figure(figure_4(read_table(source.dice), params.simulated), *snakemake.output)
