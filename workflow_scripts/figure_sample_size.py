"""Figure of a plan: power and width of limits against subjects."""

from vhi.figures.sample_size import draw_plan
from vhi.figures.style import new_figure, save_figure
from vhi.io.errors import tell_errors
from vhi.io.tables import read_table

tell_errors(snakemake.log[0])
curves = read_table(snakemake.input.curves)
figure = new_figure(10, 4, snakemake.params.simulated)
power, width = figure.subplots(1, 2)
draw_plan(curves, power, "difference_percent", "Power to tell two arms apart", "Subjects per arm")
draw_plan(curves, width, "limits_width", "Width of the interval of a limit", "Subjects")
save_figure(figure, *snakemake.output)
