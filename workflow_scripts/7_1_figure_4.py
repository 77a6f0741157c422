"""Section 2.7.1: Fig 4, Dice scores within and between readers."""

from vhi.figures.style import draw_dice, new_figure, save_figure
from vhi.io.errors import tell_errors
from vhi.io.tables import read_table

tell_errors(snakemake.log[0])
frame = read_table(snakemake.input.dice)
frame = frame[frame["b"] != "preliminary"]
same_reader = frame["a"].str.split(".").str[0] == frame["b"].str.split(".").str[0]
manual, cleaned = frame["method"] == "manual", frame["method"] == "semiautomatic"
panels = {
    "a  manual, within readers": frame[manual & same_reader],
    "b  manual, between readers": frame[manual & ~same_reader],
    "c  cleaned, between readers": frame[cleaned & ~same_reader],
}
pairs = [max(1, panel[["a", "b"]].drop_duplicates().shape[0]) for panel in panels.values()]

figure = new_figure(11, 4, snakemake.params.simulated)
axes = figure.subplots(1, 3, width_ratios=[max(2.2, count) for count in pairs])
for ax, (title, panel) in zip(axes, panels.items(), strict=True):
    draw_dice(panel, ax, title)
published = frame.loc[cleaned, "source"].eq("published table").any()
if published:
    figure.supxlabel("Cleaned masks are not public: panel c shows the published Dice scores.", fontsize=8)
save_figure(figure, *snakemake.output)
