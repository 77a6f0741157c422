"""Fig 2: disease region on test scans, drawn and by the ensemble."""

from vhi.figures.marks import mark_sides
from vhi.figures.scans import busiest, draw_region, draw_slice
from vhi.figures.style import SERIES, new_figure, save_figure
from vhi.io.errors import tell_errors
from vhi.io.images import read_mask, read_scan
from vhi.io.orientation import slice_name
from vhi.statistics.overlap import dice

ROWS = 3

tell_errors(snakemake.log[0])
source, params = snakemake.input, snakemake.params
cases = list(zip(params.scans, source.t1w, source.manual, source.found, strict=True))[:ROWS]
figure = new_figure(9, 0.8 + 3 * len(cases), params.simulated)
for row, (name, *paths) in zip(figure.subplots(len(cases), 3, squeeze=False), cases, strict=True):
    t1w = read_scan(paths[0], params.slice_axis)
    manual, found = (read_mask(path, slice_axis=params.slice_axis).volume > 0 for path in paths[1:])
    at = busiest(manual)
    score = dice(manual[at], found[at])
    for ax, title in zip(
        row, (f"T1w, scan {name}, {slice_name(at)}", "drawn", f"ensemble, Dice {score:.2f}"), strict=True
    ):
        draw_slice(t1w.volume[at], ax, t1w.spacing_mm[1:], title)
    mark_sides(row[0])
    draw_region(manual[at], row[1], SERIES[1])
    draw_region(found[at], row[2], SERIES[0])
unseen = "networks that were trained without these scans"
figure.supxlabel(
    unseen if params.trained else "the networks for use: they may have seen these scans in training", fontsize=8
)
save_figure(figure, *snakemake.output)
