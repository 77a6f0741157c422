"""A volume as a grid of slices, and the histogram of normal marrow with its limits."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap

from vhi.figures.style import LOWER_COLOUR, MUTED, SERIES, UPPER_COLOUR
from vhi.inflammation import LOWER, UPPER

LABELS = ListedColormap([LOWER_COLOUR, UPPER_COLOUR])


def draw_volume(labels: np.ndarray, region: np.ndarray, ax: Axes, spacing: Sequence[float], title: str = "") -> Axes:
    """Draw a summary of the segmented volume: all slices seen from the front, over the outline of the disease region.

    Parameters
    ----------
    labels : (slices, rows, columns) array
        0, 1 and 2.
    region : (slices, rows, columns) array
        The disease region.
    ax : Axes
    spacing : sequence of float
        Distance of rows and of columns, mm.
    title : str

    Notes
    -----
    Colour is the highest limit that a line of sight meets, opacity grows with the voxels on it, up to five.
    """
    outline = (region > 0).sum(axis=0).astype(float)
    shape = {"aspect": spacing[0] / spacing[1], "interpolation": "none"}
    ax.imshow(-outline, cmap="gray", vmin=-3 * max(outline.max(), 1), vmax=0, **shape)
    depth = (labels > 0).sum(axis=0)
    opacity = np.where(depth > 0, 0.45 + 0.55 * np.clip(depth / 5, 0, 1), 0)
    highest = np.ma.masked_equal(labels.max(axis=0), 0)
    ax.imshow(highest, cmap=LABELS, vmin=LOWER, vmax=UPPER, alpha=opacity, **shape)
    ax.set_axis_off()
    ax.set_title(title)
    return ax


def draw_limits(intensities: np.ndarray, limits: dict, ax: Axes, start: float) -> Axes:
    """Draw the histogram of the normal marrow with both limits (paper, Fig 1d).

    Parameters
    ----------
    intensities : (n,) array
        STIR intensities of the normal marrow.
    limits : dict
        ``lower upper n q1 q3 iqr``.
    ax : Axes
    start : float
        First multiple of the interquartile range, whose limit is drawn beside.
    """
    ax.hist(intensities, bins=60, color=MUTED, alpha=0.7)
    first = limits["q3"] + start * limits["iqr"]
    for value, colour, style, name in (
        (first, SERIES[0], ":", f"$Q_U$ + {start:g} IQR"),
        (limits["lower"], SERIES[1], "--", f"lower limit, n = {limits['n']:.2f}"),
        (limits["upper"], UPPER_COLOUR, "-", "upper limit"),
    ):
        ax.axvline(value, color=colour, ls=style, lw=1.4, label=f"{name}: {value:,.0f}")
    ax.set(xlabel="STIR intensity (arbitrary units)", ylabel="Voxels of normal marrow")
    ax.margins(x=0.05)
    ax.set_ylim(0, 1.6 * ax.get_ylim()[1])
    ax.legend(fontsize=7, loc="upper left", handlelength=1, borderaxespad=0)
    return ax
