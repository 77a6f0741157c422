"""The reading room: calibration of the first suggestion."""

from vhi.errors import tell_errors
from vhi.figures import new_figure, save_figure
from vhi.figures_reading import draw_suggestion
from vhi.files import read_json
from vhi.tables import read_table

tell_errors(snakemake.log[0])
scores = read_json(snakemake.input.scores)
auc = "not defined" if scores["auc"] is None else f"{scores['auc']:.2f}"
title = (
    f"{scores['regions']:,} decisions, {scores['readings']} readings, {scores['subjects']} subjects, each left out in turn\n"
    f"AUC {auc}; Brier score {scores['brier']:.3f}, of the mean share {scores['brier_of_share']:.3f}"
)
figure = new_figure(5.2, 4.6, snakemake.params.simulated)
draw_suggestion(read_table(snakemake.input.calibration), figure.subplots(), title)
save_figure(figure, *snakemake.output)
