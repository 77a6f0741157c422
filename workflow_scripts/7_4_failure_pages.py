"""Section 2.7.4: a page of overlays for every scan on which two readers differ (as S3 Fig)."""

from pathlib import Path

from matplotlib.patches import Patch

from vhi.figures.scans import (
    BOTH,
    FIRST_ONLY,
    SECOND_ONLY,
    crop_to,
    discrepant_slices,
    draw_difference,
    draw_labels,
    draw_slice,
    mark_right,
)
from vhi.figures.style import INK, LOWER_COLOUR, UPPER_COLOUR, new_figure, save_figure
from vhi.io.errors import tell_errors
from vhi.io.images import read_mask, read_scan
from vhi.io.orientation import slice_name
from vhi.io.tables import read_table

ROWS = 4

tell_errors(snakemake.log[0])
source, params = snakemake.input, snakemake.params
folder = Path(snakemake.output[0])
folder.mkdir(parents=True)
kept = dict(zip(map(tuple, params.kept), source.masks, strict=True))
scans = {scan: path for (scan, _), path in zip(kept, source.stir, strict=True)}
found, causes = read_table(source.differences), read_table(source.causes)
for row in found[found["discrepant"] == "yes"].to_dict("records"):
    names = row["readers"].split("-")
    if not all((row["scan"], name) in kept for name in names):
        continue  # published counts have no masks
    stir = read_scan(scans[row["scan"]], params.slice_axis)
    masks = [read_mask(kept[row["scan"], name], (0, 1, 2), params.slice_axis).volume for name in names]
    rows, columns = crop_to(*masks, margin=stir.volume.shape[1] // 12)
    shown = discrepant_slices(masks[0] > 0, masks[1] > 0, ROWS)
    figure = new_figure(10, 1 + 2.5 * len(shown), params.simulated)
    axes = figure.subplots(len(shown), 4, squeeze=False)
    for line, place in zip(axes, shown, strict=True):
        one, two = (mask[place, rows, columns] for mask in masks)
        voxels = [int((mask > 0).sum()) for mask in (one, two)]
        titles = [
            f"STIR, {slice_name(place)}",
            *(f"{n}: {v:,} voxels" for n, v in zip(names, voxels, strict=True)),
            "difference",
        ]
        for ax, title in zip(line, titles, strict=True):
            draw_slice(stir.volume[place, rows, columns], ax, stir.spacing_mm[1:], title)
        draw_labels(one, line[1])
        draw_labels(two, line[2])
        draw_difference(one > 0, two > 0, line[3])
        mark_right(line[0])
    values = ", ".join(f"{name} {row[key]:,.0f}" for name, key in zip(names, ("first", "second"), strict=True))
    title = "Simulated data. " if params.simulated else ""
    title += f"Scan {row['scan']}: $V_{{HI}}$ {values} {params.unit}, difference {row['in_sd']:+.1f} SD"
    of_scan = causes[(causes["scan"] == row["scan"]) & (causes["readers"] == row["readers"])]
    if len(of_scan):
        voxels = of_scan["first_only_voxels"] + of_scan["second_only_voxels"]
        parts = [f"{name.replace('_', ' ')} {count:,}" for name, count in zip(of_scan["reason"], voxels, strict=True)]
        title += f"\nwhat they differ on truly is: {', '.join(parts[:4])} voxels"
    figure.suptitle(title, fontsize=10, color=INK)
    colours = [(LOWER_COLOUR, "lower limit only"), (UPPER_COLOUR, "upper limit"), (BOTH, "both readers")]
    colours += [(FIRST_ONLY, f"{names[0]} alone"), (SECOND_ONLY, f"{names[1]} alone")]
    patches = [Patch(facecolor=colour, edgecolor="#888888", label=name) for colour, name in colours]
    figure.legend(handles=patches, loc="outside lower center", ncols=5, fontsize=8)
    save_figure(figure, folder / f"{row['scan']}_{row['readers']}.png", folder / f"{row['scan']}_{row['readers']}.svg")
