"""Section 2.7.3: Fig 9, values before and after treatment, and change against change."""

from vhi.figures.change import figure_9
from vhi.figures.style import save_figure
from vhi.io.errors import tell_errors
from vhi.io.tables import read_table

tell_errors(snakemake.log[0])
source, params = snakemake.input, snakemake.params
clinical = read_table(source.clinical) if source.get("clinical") else None
regression = (read_table(source.regression), read_table(source.influence)) if source.get("regression") else None
visits = (params.first, params.session)
changes = read_table(source.changes)
figure = figure_9(changes, clinical, regression, params.rule, visits, params.truncate, params.simulated)
save_figure(figure, *snakemake.output)
