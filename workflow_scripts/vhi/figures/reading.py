"""Figures of the reading room: where two readers differ."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from vhi.figures.scans import draw_labels, draw_slice
from vhi.io.orientation import slice_name

HALF_MM = 45.0  # half the side of the shown field, mm: about one joint


def draw_disagreement(
    row: pd.Series, stir: np.ndarray, labels: Sequence[np.ndarray], spacing: Sequence[float], axes: Sequence[Axes]
) -> Sequence[Axes]:
    """Draw what two readers kept around a region on which they differ, one panel per reader.

    Parameters
    ----------
    row : Series
        Of the table of differences: scan, slice (from 1), row, column, what each did and why, the effect on V_HI.
    stir : (slices, rows, columns) array
    labels : two (slices, rows, columns) arrays
        What each kept.
    spacing : (float, float)
        Distance of rows and of columns, mm.
    axes : two Axes
    """
    place = int(row["slice"]) - 1
    for ax, one, kept in zip(axes, ("a", "b"), labels, strict=True):
        draw_slice(stir[place], ax, spacing)
        draw_labels(kept[place], ax, alpha=0.6)
        ends = []
        for middle, step, length in zip((row["row"], row["column"]), spacing, stir.shape[1:], strict=True):
            side = min(length, round(2 * HALF_MM / step))
            first = int(np.clip(middle - side / 2, 0, length - side))
            ends.append((first - 0.5, first + side - 0.5))
        ax.set(ylim=ends[0][::-1], xlim=ends[1])
        size = np.sqrt(row["voxels"]) + 8
        ax.add_patch(
            Rectangle((row["column"] - size / 2, row["row"] - size / 2), size, size, fill=False, ec="white", lw=1)
        )
        why = row[f"{one}_reason"]
        did = row[f"{one}_did"] + (f" ({why})" if isinstance(why, str) and why else "")
        ax.set_title(f"{row[one]}: {did}", fontsize=9)
    first = axes[0]
    effect = f"{row['difference_voxels']:+,.0f} voxels, {row['difference_mm3']:+,.0f} mm$^3$"
    first.annotate(
        f"{row['scan']}, {slice_name(place)}\n{row['a']} - {row['b']}: {effect}", (0.02, 0.02), xycoords="axes fraction",
        fontsize=7.5, color="white", va="bottom", bbox={"facecolor": "black", "alpha": 0.6, "lw": 0, "pad": 2},
    )  # fmt: skip
    return axes
