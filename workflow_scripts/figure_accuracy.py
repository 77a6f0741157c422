"""Section 7.5: figure of V_HI against the truth, and of what the error is made of."""

from vhi.figures.style import new_figure, save_figure
from vhi.figures.truth import draw_accuracy, draw_error_by_cut, draw_error_sources
from vhi.io.errors import tell_errors
from vhi.io.tables import read_table

tell_errors(snakemake.log[0])
accuracy, sources, cuts = (read_table(snakemake.input[name]) for name in ("accuracy", "sources", "cuts"))
figure = new_figure(15, 8, simulated=True)
left, middle, right = figure.subplots(1, 3)
draw_accuracy(accuracy, left)
draw_error_sources(sources, middle)
draw_error_by_cut(cuts, right)
save_figure(figure, *snakemake.output)
