"""Step (iii): figure of predicted against true Dice."""

from vhi.errors import tell_errors
from vhi.figures import new_figure, save_figure
from vhi.figures_quality import draw_predicted_dice
from vhi.tables import read_table

tell_errors(snakemake.log[0])
figure = new_figure(6.5, 5, snakemake.params.simulated)
draw_predicted_dice(read_table(snakemake.input.predicted), figure.subplots(), snakemake.params.flag_below)
save_figure(figure, *snakemake.output)
