"""Figures of the reading room: where two readers differ."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from scipy.ndimage import label

from vhi.figures.marks import mark_sides
from vhi.figures.scans import draw_labels, draw_slice
from vhi.io.orientation import slice_name

MARGIN = 2  # voxels between a region and its box
HALF_MM = 45.0  # half the side of the shown field, mm: about one joint


def box_around(differing: np.ndarray, near: tuple[float, float]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Find the edges (rows, columns) of a box that holds the region at a place, with a margin.

    Parameters
    ----------
    differing : (rows, columns) array of bool
        What one of two readers kept alone.
    near : (float, float)
        Row and column; the region with the voxel nearest to it is the one.

    Examples
    --------
    >>> seen = np.zeros((20, 20), bool)
    >>> seen[5:8, 10:18] = True
    >>> box_around(seen, (5, 11))
    ((2.5, 9.5), (7.5, 19.5))
    """
    regions, _ = label(differing, np.ones((3, 3)))
    voxels = np.argwhere(regions)
    if not len(voxels):
        return tuple((at - 0.5 - MARGIN, at + 0.5 + MARGIN) for at in near)
    nearest = voxels[np.square(voxels - np.asarray(near)).sum(axis=1).argmin()]
    inside = np.argwhere(regions == regions[tuple(nearest)])
    low, high = inside.min(axis=0) - 0.5 - MARGIN, inside.max(axis=0) + 0.5 + MARGIN
    return tuple((float(first), float(last)) for first, last in zip(low, high, strict=True))


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
    box = box_around((labels[0][place] > 0) ^ (labels[1][place] > 0), (row["row"], row["column"]))
    for ax, one, kept in zip(axes, ("a", "b"), labels, strict=True):
        draw_slice(stir[place], ax, spacing)
        draw_labels(kept[place], ax, alpha=0.6)
        ends = []
        for middle, step, length in zip((row["row"], row["column"]), spacing, stir.shape[1:], strict=True):
            side = min(length, round(2 * HALF_MM / step))
            first = int(np.clip(middle - side / 2, 0, length - side))
            ends.append((first - 0.5, first + side - 0.5))
        ax.set(ylim=ends[0][::-1], xlim=ends[1])
        (top, bottom), (left, right) = box
        ax.add_patch(Rectangle((left, top), right - left, bottom - top, fill=False, ec="white", lw=1))
        why = row[f"{one}_reason"]
        did = row[f"{one}_did"] + (f" ({why})" if isinstance(why, str) and why else "")
        ax.set_title(f"{row[one]}: {did}")
        mark_sides(ax)
    first = axes[0]
    effect = f"{row['difference_voxels']:+,.0f} voxels, {row['difference_mm3']:+,.0f} mm$^3$"
    first.annotate(
        f"{row['scan']}, {slice_name(place)}\n{row['a']} - {row['b']}: {effect}", (0.02, 0.02), xycoords="axes fraction",
        fontsize=7, color="white", va="bottom", bbox={"facecolor": "black", "alpha": 0.6, "lw": 0, "pad": 2},
    )  # fmt: skip
    return axes
