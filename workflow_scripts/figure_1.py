"""Fig 1: the workflow on one scan."""

from vhi.cleaning.masks import counted
from vhi.figures.marks import legend_of_labels, mark_sides, say, scale_bar
from vhi.figures.scans import busiest, draw_labels, draw_region, draw_slice
from vhi.figures.style import SERIES, new_figure, save_figure
from vhi.figures.volume import draw_limits
from vhi.io.errors import tell_errors
from vhi.io.files import read_json
from vhi.io.images import read_mask, read_scan
from vhi.io.orientation import slice_name
from vhi.io.tables import read_table

tell_errors(snakemake.log[0])
source, params = snakemake.input, snakemake.params
examples = read_table(source.examples)
name = examples.loc[examples["figure"].astype(str) == "1", "scan"].iloc[0]
place = params.scans.index(name)
axis = params.slice_axis
stir, t1w = read_scan(source.stir[place], axis), read_scan(source.t1w[place], axis)
marrow, region = (read_mask(source[part][place], slice_axis=axis).volume for part in ("marrow", "region"))
preliminary = read_mask(source.preliminary[place], (0, 1, 2), axis).volume
at = busiest(preliminary, among=marrow)
same_grid = t1w.volume.shape == stir.volume.shape
t1w_at = at if same_grid else round(at / len(stir.volume) * len(t1w.volume))

figure = new_figure(12, 6.4, params.simulated)
axes = figure.subplots(2, 4)
for ax, title in (
    (axes[0, 0], "a  STIR"),
    (axes[0, 2], "b  normal marrow"),
    (axes[1, 1], "e  preliminary segmentation"),
    (axes[1, 2], "f  cleaned"),
):
    draw_slice(stir.volume[at], ax, stir.spacing_mm[1:], title)
mark_sides(axes[0, 0])
scale_bar(axes[0, 0], stir.spacing_mm[2])
draw_slice(t1w.volume[t1w_at], axes[0, 1], t1w.spacing_mm[1:], "a  T1w")
draw_region(marrow[at], axes[0, 2], SERIES[1])
under = (t1w.volume[t1w_at], t1w.spacing_mm[1:]) if same_grid else (stir.volume[at], stir.spacing_mm[1:])
draw_slice(under[0], axes[0, 3], under[1], "c  disease region")
draw_region(region[at], axes[0, 3], SERIES[0])
intensities = read_table(source.intensities[place])["stir_intensity"].to_numpy()
draw_limits(intensities, read_json(source.limits[place]), axes[1, 0], params.n_start)
axes[1, 0].set_title(f"d  limits (n = {len(intensities):,} voxels)")
draw_labels(preliminary[at], axes[1, 1])
if name in params.cleaned:
    path = source.cleaned[list(params.cleaned).index(name)]
    kept = read_mask(path, (0, 1, 2), axis).volume
    draw_labels(kept[at], axes[1, 2])
    voxels = int(counted(kept, params.vhi).sum())
    ml = voxels * stir.voxel_mm3 / 1000
    axes[1, 2].set_title(f"f  cleaned by {params.cleaned[name]}:\n$V_{{HI}}$ {voxels:,} voxels, {ml:.2f} ml")
else:
    say(axes[1, 2], "f  cleaned mask:\nnot there")
before = int(counted(preliminary, params.vhi).sum())
ml = before * stir.voxel_mm3 / 1000
say(axes[1, 3], f"{name}, {slice_name(at)} of {len(stir.volume)}\n{before:,} preliminary voxels,\n{ml:.2f} ml")
legend_of_labels(figure)
save_figure(figure, *snakemake.output)
