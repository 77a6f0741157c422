"""Section 2.7.3: mean change from the first visit, of all subjects and of each arm."""

from vhi.figures.style import save_figure
from vhi.figures.visits import figure_visits
from vhi.io.errors import tell_errors
from vhi.io.tables import read_table

tell_errors(snakemake.log[0])
source, params = snakemake.input, snakemake.params
save_figure(figure_visits(read_table(source.by_visit), params.sessions, params.simulated), *snakemake.output)
