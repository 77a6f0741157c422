"""Pages of scans on which two readers differ (as S3 Fig)."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from vhi.figures.marks import mark_sides, scale_bar
from vhi.figures.scans import (
    BOTH,
    FIRST_ONLY,
    SECOND_ONLY,
    crop_to,
    discrepant_slices,
    draw_difference,
    draw_labels,
    draw_slice,
)
from vhi.figures.style import INK, LOWER_COLOUR, UPPER_COLOUR, new_figure
from vhi.io.images import Image
from vhi.io.orientation import slice_name

ROWS = 4


def disagreement_page(
    row: Mapping, stir: Image, masks: Sequence[np.ndarray], causes: pd.DataFrame, unit: str, simulated: bool
) -> Figure:
    """Draw the slices on which two readers differ most: STIR, what each kept, and the difference.

    `row` is one of differences.tsv, with V_HI in `unit`; `masks` are the labels 0, 1 and 2 of what each reader kept; `causes` are
    the rows of true_causes.tsv for this scan and these readers, if any.
    """
    names = row["readers"].split("-")
    rows, columns = crop_to(*masks, margin=stir.volume.shape[1] // 12)
    shown = discrepant_slices(masks[0] > 0, masks[1] > 0, ROWS)
    figure = new_figure(10, 1 + 2.5 * len(shown), simulated)
    for line, place in zip(figure.subplots(len(shown), 4, squeeze=False), shown, strict=True):
        one, two = (mask[place, rows, columns] for mask in masks)
        kept = [f"{n}: {int((mask > 0).sum()):,} voxels" for n, mask in zip(names, (one, two), strict=True)]
        for ax, title in zip(line, [f"STIR, {slice_name(place)}", *kept, "difference"], strict=True):
            draw_slice(stir.volume[place, rows, columns], ax, stir.spacing_mm[1:], title)
        draw_labels(one, line[1])
        draw_labels(two, line[2])
        draw_difference(one > 0, two > 0, line[3])
        mark_sides(line[0])
        scale_bar(line[0], stir.spacing_mm[2], 20)
    values = ", ".join(f"{name} {row[key]:,.0f}" for name, key in zip(names, ("first", "second"), strict=True))
    title = "Simulated data. " if simulated else ""
    title += f"Scan {row['scan']}: $V_{{HI}}$ {values} {unit}, difference {row['in_sd']:+.1f} SD"
    if len(causes):
        voxels = causes["first_only_voxels"] + causes["second_only_voxels"]
        parts = [f"{name.replace('_', ' ')} {count:,}" for name, count in zip(causes["reason"], voxels, strict=True)]
        title += f"\nwhat they differ on truly is: {', '.join(parts[:4])} voxels"
    figure.suptitle(title, fontsize=10, color=INK)
    colours = [(LOWER_COLOUR, "lower limit only"), (UPPER_COLOUR, "upper limit"), (BOTH, "both readers")]
    colours += [(FIRST_ONLY, f"{names[0]} alone"), (SECOND_ONLY, f"{names[1]} alone")]
    patches = [Patch(facecolor=colour, edgecolor="#888888", label=name) for colour, name in colours]
    figure.legend(handles=patches, loc="outside lower center", ncols=5, fontsize=8)
    return figure
