"""The reading room: calibration of the first suggestion."""

from vhi.figures.reading import draw_suggestion
from vhi.figures.style import new_figure, save_figure
from vhi.io.errors import tell_errors
from vhi.io.files import read_json
from vhi.io.tables import read_table

tell_errors(snakemake.log[0])
scores = read_json(snakemake.input.scores)
auc = "not defined" if scores["auc"] is None else f"{scores['auc']:.2f}"
bins = read_table(snakemake.input.calibration)
title = (
    f"{scores['regions']:,} decisions in {len(bins)} bins, {scores['readings']} readings; cross-validated over "
    f"{scores['subjects']} subjects\nAUC {auc}; Brier score {scores['brier']:.3f}, of the mean share {scores['brier_of_share']:.3f}"
)
figure = new_figure(6.2, 4.8, snakemake.params.simulated)
draw_suggestion(bins, figure.subplots(), title)
save_figure(figure, *snakemake.output)
