"""Fig S2: scans on which the ensemble's disease region is worst."""

from vhi.figures.marks import mark_sides
from vhi.figures.scans import busiest, draw_region, draw_slice
from vhi.figures.style import SERIES, new_figure, save_figure
from vhi.io.errors import tell_errors
from vhi.io.images import read_mask, read_scan
from vhi.io.orientation import slice_name
from vhi.io.tables import read_table
from vhi.report.examples import choose_failures

tell_errors(snakemake.log[0])
source, params = snakemake.input, snakemake.params
found = choose_failures(read_table(source.quality), read_table(source.compared), params.subjects, count=3)
chosen = [(scan, "named or rated as failed") for scan in params.failed]
if not chosen:
    chosen = [(row["scan"], f"{row['why']} {row['dice']:.2f}") for row in found.to_dict("records")]
figure = new_figure(3.2 * max(len(chosen), 1), 7, params.simulated)
columns = figure.subplots(2, max(len(chosen), 1), squeeze=False).T
for (above, below), (scan, why) in zip(columns, chosen, strict=False):
    place = params.scans.index(scan)
    t1w = read_scan(source.t1w[place], params.slice_axis)
    region = read_mask(source.region[place], slice_axis=params.slice_axis).volume
    # where bone is missed there is little of the region: the slice with its median area, not the fullest one
    areas = (region > 0).sum(axis=(1, 2))
    at = len(areas) // 2 if areas[len(areas) // 2] else busiest(region)
    draw_slice(t1w.volume[at], above, t1w.spacing_mm[1:], f"{scan}, {slice_name(at)}\n{why}")
    draw_slice(t1w.volume[at], below, t1w.spacing_mm[1:])
    draw_region(region[at], below, SERIES[0])
    mark_sides(above)
if not chosen:
    for ax in columns[0]:
        ax.set_axis_off()
    columns[0][0].set_title("no scan is rated as failed, and no score tells which region is worst")
save_figure(figure, *snakemake.output)
