"""Section 7.5: figure of V_HI against the truth, and of what the error is made of."""

from vhi.errors import tell_errors
from vhi.figures import draw_accuracy, draw_error_sources, new_figure, save_figure
from vhi.tables import read_table

tell_errors(snakemake.log[0])
accuracy, sources = read_table(snakemake.input.accuracy), read_table(snakemake.input.sources)
figure = new_figure(11, 4.6, simulated=True)
left, right = figure.subplots(1, 2)
draw_accuracy(accuracy, left)
draw_error_sources(sources, right)
save_figure(figure, *snakemake.output)
