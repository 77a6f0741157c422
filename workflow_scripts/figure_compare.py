"""Figure of two variants of a study side by side."""

from vhi.figures.compare import draw_limits_of_agreement, draw_paired, draw_paired_dice
from vhi.figures.style import new_figure, save_figure
from vhi.io.errors import tell_errors
from vhi.io.tables import read_table

tell_errors(snakemake.log[0])
source = snakemake.input
names = (snakemake.wildcards.a, snakemake.wildcards.b)
scans, readings, scores = read_table(source.scans), read_table(source.readings), read_table(source.dice)
figure = new_figure(10, 8, snakemake.params.simulated)
(preliminary, volume), (overlap, limits) = figure.subplots(2, 2)
draw_paired(scans, preliminary, "preliminary_voxels", "preliminary segmentation", "voxels", names)
cleaned = readings[readings["method"] == "semiautomatic"]
draw_paired(cleaned, volume, "vhi_voxels", "$V_{HI}$ of cleaned readings", "voxels", names)
draw_paired_dice(scores[scores["reading_2"] != "preliminary"], overlap, names)
draw_limits_of_agreement(read_table(source.agreement), limits, names)
save_figure(figure, *snakemake.output)
