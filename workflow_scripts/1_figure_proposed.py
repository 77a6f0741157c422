"""Step (i): figure of preliminary voxels by the drawn and by the proposed normal marrow."""

from vhi.figures.quality import draw_proposed_marrow
from vhi.figures.style import new_figure, save_figure
from vhi.io.errors import tell_errors
from vhi.io.tables import read_table

tell_errors(snakemake.log[0])
figure = new_figure(6.5, 4.5, snakemake.params.simulated)
draw_proposed_marrow(read_table(snakemake.input.compared), figure.subplots())
save_figure(figure, *snakemake.output)
