"""Step (iii): figure of predicted against true Dice."""

from vhi.figures.quality import draw_predicted_dice
from vhi.figures.style import new_figure, save_figure
from vhi.io.errors import tell_errors
from vhi.io.tables import read_table

tell_errors(snakemake.log[0])
figure = new_figure(5, 4.5, snakemake.params.simulated)
draw_predicted_dice(read_table(snakemake.input.predicted), figure.subplots(), snakemake.params.flag_below)
save_figure(figure, *snakemake.output)
