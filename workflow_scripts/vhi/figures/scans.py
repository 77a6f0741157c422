"""Figures of single scans: slices with segmentations on them, limits, and a summary of a volume (paper, Figs 1 to 3, 8, S2, S3).

Slices are shown in presentation order: superior at the top, the patient's right on the left.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from vhi.cleaning.masks import counted
from vhi.figures.marks import legend_of_labels, mark_sides, scale_bar
from vhi.figures.style import SERIES, new_figure
from vhi.figures.volume import LABELS, draw_volume
from vhi.inflammation import LOWER, UPPER
from vhi.io.orientation import slice_name

FIRST_ONLY, SECOND_ONLY, BOTH = SERIES[3], SERIES[0], SERIES[2]


def draw_slice(image: np.ndarray, ax: Axes, spacing: Sequence[float], title: str = "", window=None) -> Axes:
    """Draw a slice in grey.

    Parameters
    ----------
    image : (rows, columns) array
    ax : Axes
    spacing : sequence of float
        Distance of rows and of columns, mm.
    title : str
    window : (float, float), optional
        Intensities of black and white; by default 0 and the 99.5th percentile of the slice.
    """
    black, white = window or (0, np.percentile(image, 99.5))
    ax.imshow(
        image, cmap="gray", vmin=black, vmax=max(white, black + 1), aspect=spacing[0] / spacing[1], interpolation="none"
    )
    ax.set_axis_off()
    ax.set_title(title)
    return ax


def draw_labels(labels: np.ndarray, ax: Axes, alpha: float | np.ndarray = 0.75) -> Axes:
    """Lay a segmentation over a slice: yellow from the lower limit, orange from the upper.

    Parameters
    ----------
    labels : (rows, columns) array
        0, 1 and 2.
    ax : Axes
        On which `draw_slice` has drawn.
    alpha : float or (rows, columns) array
    """
    shown = np.ma.masked_equal(labels, 0)
    ax.imshow(shown, cmap=LABELS, vmin=LOWER, vmax=UPPER, alpha=alpha, aspect=ax.get_aspect(), interpolation="none")
    return ax


def draw_region(mask: np.ndarray, ax: Axes, colour: str, fill: float = 0.25) -> Axes:
    """Lay a mask over a slice, as a tint with an outline.

    Parameters
    ----------
    mask : (rows, columns) array
    ax : Axes
        On which `draw_slice` has drawn.
    colour : str
    fill : float
        Opacity of the tint.
    """
    if np.any(mask):
        _tint(mask > 0, ax, colour, fill)
        ax.contour(mask > 0, levels=[0.5], colors=[colour], linewidths=0.8)
    return ax


def _tint(mask: np.ndarray, ax: Axes, colour: str, opacity: float) -> None:
    shown = np.ma.masked_equal(mask.astype(float), 0)
    ax.imshow(shown, cmap=ListedColormap([colour]), alpha=opacity, aspect=ax.get_aspect(), interpolation="none")


def draw_difference(first: np.ndarray, second: np.ndarray, ax: Axes) -> Axes:
    """Lay over a slice what both readers kept (green), the first alone (pink) and the second alone (blue)."""
    for mask, colour in ((first & second, BOTH), (first & ~second, FIRST_ONLY), (second & ~first, SECOND_ONLY)):
        if mask.any():
            _tint(mask, ax, colour, 0.75)
    return ax


def busiest(mask: np.ndarray, among: np.ndarray | None = None) -> int:
    """The slice with most voxels of a mask.

    Parameters
    ----------
    mask : (slices, rows, columns) array
    among : (slices, rows, columns) array, optional
        Look at slices with voxels of this one only, where there are any.
    """
    counts = (mask > 0).sum(axis=(1, 2)).astype(float)
    if among is not None and np.any(among):
        counts[~(among > 0).any(axis=(1, 2))] = -1
    return int(counts.argmax())


def discrepant_slices(first: np.ndarray, second: np.ndarray, count: int) -> list[int]:
    """Slices on which two readers differ most, in their order.

    Parameters
    ----------
    first, second : (slices, rows, columns) array of bool
    count : int
        At most so many; slices without a difference are never among them.
    """
    differing = (first ^ second).sum(axis=(1, 2))
    most = np.argsort(-differing, kind="stable")[:count]
    return sorted(int(place) for place in most if differing[place])


def crop_to(*masks: np.ndarray, margin: int = 8) -> tuple[slice, slice]:
    """Rows and columns that hold all voxels of the masks, with a margin in pixels; everything where there are none."""
    seen = np.any([np.any(mask > 0, axis=tuple(range(mask.ndim - 2))) for mask in masks], axis=0)
    cut = []
    for axis in (1, 0):
        places = np.flatnonzero(seen.any(axis=axis))
        if places.size == 0:
            return slice(None), slice(None)
        cut.append(slice(max(0, places[0] - margin), places[-1] + margin + 1))
    return cut[0], cut[1]


def draw_examples(rows: Sequence[dict], same_slice: bool, limit: str, simulated: bool) -> Figure:
    """Draw scans in rows: STIR, preliminary segmentation, what a reader kept of it, and the volume (paper, Figs 3 and 8).

    Parameters
    ----------
    rows : sequence of dict
        ``name session stir preliminary region spacing voxel_mm3`` (volumes in presentation order), with ``cleaned`` and ``reader``
        where there is a mask.
    same_slice : bool
        Show the first row's slice in all rows, where they have as many: sessions of one subject.
    limit : {"lower", "upper"}
        The limit that makes V_HI.
    simulated : bool

    Returns
    -------
    Figure
        The volume is that of the cleaned mask, or the preliminary one.
    """
    with_cleaned = any("cleaned" in row for row in rows)
    figure = new_figure(3.2 * (3 + with_cleaned), 0.8 + 2.9 * len(rows), simulated)
    at = None
    for line, row in zip(figure.subplots(len(rows), 3 + with_cleaned, squeeze=False), rows, strict=True):
        if at is None or not same_slice or len(row["stir"]) <= at:
            at = busiest(row.get("cleaned", row["preliminary"]))
        window = (0, np.percentile(row["stir"][row["region"] > 0], 99.9))

        def measured(labels: np.ndarray, voxel_mm3: float = row["voxel_mm3"]) -> str:
            voxels = int(counted(labels, limit).sum())
            return f"{voxels:,} voxels, {voxels * voxel_mm3 / 1000:.2f} ml"

        for ax in line[:-1]:
            draw_slice(row["stir"][at], ax, row["spacing"], "", window)
        session = {"pre": "before", "post": "after"}.get(row["session"], row["session"])
        line[0].set_title(f"{row['name']} ({session}), {slice_name(at)}")
        mark_sides(line[0])
        scale_bar(line[0], row["spacing"][1])
        draw_labels(row["preliminary"][at], line[1])
        line[1].set_title(f"preliminary:\n{measured(row['preliminary'])}")
        if "cleaned" in row:
            draw_labels(row["cleaned"][at], line[2])
            line[2].set_title(f"cleaned by {row['reader']}:\n{measured(row['cleaned'])}")
        elif with_cleaned:
            line[2].clear()
            line[2].set_axis_off()
        shown = row.get("cleaned", row["preliminary"])
        title = "volume, all slices" + (" (cleaned)" if "cleaned" in row else " (preliminary)")
        draw_volume(shown, row["region"], line[-1], row["spacing"], title)
    legend_of_labels(figure)
    return figure
