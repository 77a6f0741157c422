"""The reading room: the largest disagreements of two readers, side by side."""

from vhi.figures.marks import legend_of_labels
from vhi.figures.reading import draw_disagreement
from vhi.figures.style import new_figure, save_figure
from vhi.io.errors import tell_errors
from vhi.io.images import read_mask, read_scan
from vhi.io.tables import read_table

ROWS = 4

tell_errors(snakemake.log[0])
params, inputs = snakemake.params, snakemake.input
frame = read_table(inputs.regions)
if params.scan:
    frame = frame[frame["scan"] == params.scan]
frame = frame[frame["difference_voxels"] != 0]
largest = frame.reindex(frame["difference_voxels"].abs().sort_values(ascending=False, kind="stable").index)
largest = largest.drop_duplicates(["scan", "a", "b", "lesion"]).head(ROWS)  # a lesion spans slices: show it once
stir_file = dict(zip(params.scans, inputs.stir, strict=True))
mask_file = {
    (scan, f"{reader}.{trial}"): path for (scan, reader, trial), path in zip(params.readings, inputs.masks, strict=True)
}

figure = new_figure(7.2, 0.6 + 3.3 * max(1, len(largest)), params.simulated)
axes = figure.subplots(max(1, len(largest)), 2, squeeze=False)
for pair, (_, row) in zip(axes, largest.iterrows(), strict=False):
    stir = read_scan(stir_file[row["scan"]], params.slice_axis)
    labels = [read_mask(mask_file[row["scan"], row[one]], (0, 1, 2), params.slice_axis).volume for one in ("a", "b")]
    draw_disagreement(row, stir.volume, labels, stir.spacing_mm[1:], pair)
if not len(largest):
    for ax in axes.ravel():
        ax.set_axis_off()
    axes[0, 0].set_title("The readers kept the same voxels")
legend_of_labels(figure)
save_figure(figure, *snakemake.output)
