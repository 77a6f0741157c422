"""Pictures on the page of a scan: T1w, STIR, segmentations, the histogram of normal marrow, and the place of the slices."""

import io
from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vhi.figures.marks import legend_of_labels, mark_sides, say
from vhi.figures.quality import UNSURE
from vhi.figures.scans import busiest, crop_to, draw_labels, draw_region, draw_slice
from vhi.figures.style import INK, MUTED, POST, SERIES, new_figure
from vhi.figures.volume import draw_limits
from vhi.io.orientation import slice_name

UNSURE_COLOUR = "#FF40A0"
SHOWN_LABELS = {"marrow": (0, 1), "region": (0, 1), "probability": tuple(range(101)), "preliminary": (0, 1, 2)}
"""Labels of the masks that the page of a scan shows."""


def draw_stability(table: pd.DataFrame, ax: Axes) -> Axes:
    """Draw the preliminary voxels for the patch as drawn and without its brightest voxel.

    Parameters
    ----------
    table : DataFrame
        Columns ``patch preliminary_voxels``.
    ax : Axes
    """
    values = table.set_index("patch")["preliminary_voxels"].astype(float)
    for name, colour, marker in (("without the brightest voxel", SERIES[1], "|"), ("as drawn", SERIES[0], "o")):
        if name in values.index:
            ax.plot(values[name], 0, marker, color=colour, ms=9, mew=2, label=f"{name}: {values[name]:,.0f}")
    ax.set(yticks=[], ylim=(-1, 3), xlabel="Preliminary voxels")
    ax.set_xlim(left=0)
    ax.spines["left"].set_visible(False)
    ax.ticklabel_format(axis="x", style="plain")
    ax.locator_params(axis="x", nbins=5)
    ax.legend(fontsize=7, loc="upper left")
    return ax


def draw_tilt(tilt: float, ax: Axes) -> Axes:
    """Draw how the slices lie, seen from the patient's left: anterior to the left, superior at the top.

    Parameters
    ----------
    tilt : float
        Degrees from the coronal plane.
    ax : Axes
    """
    angle = np.radians(tilt)
    along, across = np.array([np.sin(angle), np.cos(angle)]), np.array([np.cos(angle), -np.sin(angle)])
    for step in np.linspace(-0.5, 0.5, 7):
        ends = np.array([step * across - 0.8 * along, step * across + 0.8 * along])
        ax.plot(*ends.T, color=POST, lw=1.5)
    ax.plot([0, 0], [-1, 1], ":", color=MUTED, lw=1)
    ax.set(xlim=(-1.3, 1.3), ylim=(-1.1, 1.1), aspect="equal")
    ax.set_axis_off()
    for x, y, name in ((-1.2, 0, "A"), (1.2, 0, "P"), (0.08, 1, "S")):
        ax.text(x, y, name, color=INK, fontsize=8, ha="center", va="center")
    ax.set_title(f"slices {abs(tilt):.0f}° from coronal")
    return ax


def cropped(seen: Mapping) -> dict:
    """Cut rows and columns to what holds the disease region, with a margin: inflammation is small beside the field of view.

    Parameters
    ----------
    seen : mapping
        As for `scan_figure`. Volumes on another grid than the region's stay whole.

    Returns
    -------
    dict
    """
    region = seen.get("region")
    if region is None or not region.any():
        return dict(seen)
    rows, columns = crop_to(region, margin=region.shape[1] // 14)

    def cut(value):
        if isinstance(value, dict):
            return {name: cut(volume) for name, volume in value.items()}
        same = isinstance(value, np.ndarray) and value.shape == region.shape
        return value[:, rows, columns] if same else value

    return {name: cut(value) for name, value in seen.items()}


def scan_figure(seen: Mapping, facts: Mapping, limit_start: float, simulated: bool) -> Figure:
    """Draw all pictures of a scan.

    Parameters
    ----------
    seen : mapping
        ``t1w`` and ``t1w_spacing``; where there: ``stir stir_spacing marrow region probability preliminary`` (slices, rows, columns),
        ``cleaned`` (dict of reader to volume), ``intensities`` (array), ``stability`` (DataFrame).
    facts : mapping
        ``limits tilt``.
    limit_start : float
        First multiple of the interquartile range.
    simulated : bool
    """
    seen = cropped(seen)
    cleaned = seen.get("cleaned") or {}
    figure = new_figure(13, 6.6, simulated, page=True)
    axes = figure.subplots(2, 4)
    t1w, spacing = seen["t1w"], seen["t1w_spacing"]
    unsure = seen.get("probability")
    middle = len(t1w) // 2
    if unsure is not None:  # where the ensemble's mean probability says neither bone nor not
        unsure = (unsure > UNSURE[0]) & (unsure < UNSURE[1])
        at_t1w = busiest(unsure)
    else:
        at_t1w = busiest(seen["region"]) if "region" in seen and len(seen["region"]) == len(t1w) else middle
    draw_slice(t1w[at_t1w], axes[0, 0], spacing, f"T1w, {slice_name(at_t1w)}")
    if "region" in seen and seen["region"].shape == t1w.shape:
        draw_region(seen["region"][at_t1w], axes[0, 0], SERIES[0], 0.0)
    if unsure is not None:
        draw_region(unsure[at_t1w], axes[0, 0], UNSURE_COLOUR, 0.45)
        axes[0, 0].set_title(f"T1w, {slice_name(at_t1w)}: region, and where unsure (pink)", fontsize=9)
    mark_sides(axes[0, 0])
    if "stir" in seen:
        _draw_stir(axes, seen, cleaned)
    else:
        for ax in (axes[0, 1], axes[0, 2], axes[0, 3], axes[1, 0]):
            say(ax, "no STIR")
    if "intensities" in seen:
        draw_limits(seen["intensities"], facts["limits"], axes[1, 1], limit_start)
        axes[1, 1].set_title(f"normal marrow, {len(seen['intensities']):,} voxels")
    else:
        say(axes[1, 1], "no normal marrow")
    if "stability" in seen:
        draw_stability(seen["stability"], axes[1, 2])
        axes[1, 2].set_title("one voxel of the patch")
    else:
        say(axes[1, 2], "no preliminary segmentation")
    draw_tilt(facts["tilt"], axes[1, 3])
    legend_of_labels(figure)
    return figure


def _draw_stir(axes: np.ndarray, seen: Mapping, cleaned: Mapping) -> None:
    """STIR with normal marrow, with the preliminary segmentation, and with what two readers kept of it."""
    stir, spacing = seen["stir"], seen["stir_spacing"]
    marked = seen.get("preliminary")
    marrow = seen.get("marrow")
    at = len(stir) // 2
    if marked is not None and marked.any():
        at = busiest(marked)
    elif marrow is not None:
        at = busiest(marrow)
    at_marrow = busiest(marrow) if marrow is not None else at
    draw_slice(stir[at_marrow], axes[0, 1], spacing, f"STIR, {slice_name(at_marrow)}: normal marrow")
    if marrow is not None:
        draw_region(marrow[at_marrow], axes[0, 1], SERIES[1])
    shown = [("preliminary", marked)] + [
        (f"cleaned by {reader}", volume) for reader, volume in list(cleaned.items())[:2]
    ]
    for ax, (title, volume) in zip((axes[0, 2], axes[0, 3], axes[1, 0]), shown + [("", None)] * 2, strict=False):
        if volume is None:
            say(ax, (title and f"no {title} segmentation") or "no cleaned mask")
            continue
        draw_slice(stir[at], ax, spacing, f"{slice_name(at)}: {title}")
        draw_labels(volume[at], ax)


def webp(figure: Figure, dpi: int = 100) -> bytes:
    """Render a figure as WebP: pictures of scans take a tenth of the space of PNG."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="webp", dpi=dpi, pil_kwargs={"quality": 75})
    return buffer.getvalue()
