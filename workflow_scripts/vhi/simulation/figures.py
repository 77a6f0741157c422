"""Figures that only a simulated study has: a contact sheet of slices, the difference from the truth by its definition."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from vhi.figures import INK, MUTED, SERIES, thousands
from vhi.simulation.scan import Scan

OUTLINES = {  # colour-blind safe (Okabe and Ito)
    "disease region": ("#F0E442", 0.7),
    "normal marrow": ("#56B4E9", 1.0),
    "true inflammation": ("#009E73", 1.0),
    "preliminary segmentation": ("#D55E00", 0.7),
}


def contact_sheet(
    scan: Scan, name: str, preliminary: np.ndarray | None = None, slices: Sequence[int] | None = None
) -> Figure:
    """Draw simulated slices: T1w, STIR, and the STIR with outlines.

    Parameters
    ----------
    scan : vhi.simulation.scan.Scan
    name : str
        Name of the scan, for the title.
    preliminary : numpy.ndarray, optional
        Shape (i, j, k), bool.
    slices : sequence of int, optional
        Slices to show; six through the joints by default.

    Returns
    -------
    matplotlib.figure.Figure
    """
    count = scan.stir.shape[2]
    chosen = list(slices) if slices is not None else np.rint(np.linspace(0.06, 0.88, 6) * (count - 1)).astype(int)
    masks = {
        "disease region": scan.disease_region,
        "normal marrow": scan.normal_bone,
        "true inflammation": scan.truth.inflammation,
    }
    if preliminary is not None:
        masks["preliminary segmentation"] = preliminary
    figure = Figure(figsize=(2.1 * len(chosen), 6.9), facecolor="white")
    axes = figure.subplots(3, len(chosen), squeeze=False)
    level = float(np.median(scan.stir[scan.normal_bone]))
    windows = (np.percentile(scan.t1w, 99.5), 6 * level, 4 * level)
    for column, k in enumerate(chosen):
        for row, (volume, top) in enumerate(zip((scan.t1w, scan.stir, scan.stir), windows, strict=True)):
            ax = axes[row, column]
            ax.imshow(np.rot90(volume[:, :, k]), cmap="gray", vmin=0, vmax=top)
            ax.set_axis_off()
        for label, mask in masks.items():
            if mask[:, :, k].any():
                colour, width = OUTLINES[label]
                axes[2, column].contour(np.rot90(mask[:, :, k]), [0.5], colors=colour, linewidths=width)
        axes[0, column].set_title(f"slice {k}", fontsize=8)
    handles = [Line2D([], [], color=OUTLINES[label][0], label=label) for label in masks]
    figure.legend(handles=handles, loc="lower center", ncols=len(handles), fontsize=8, frameon=False)
    figure.suptitle(f"{name}: simulated (T1w, STIR, STIR with outlines)", fontsize=10)
    figure.subplots_adjust(0.005, 0.05, 0.995, 0.91, 0.02, 0.02)
    return figure


def draw_error_by_cut(frame: pd.DataFrame, ax: Axes, cut: float) -> Axes:
    """Draw V_HI minus the truth over the share of oedema fluid that defines the truth.

    Parameters
    ----------
    frame : DataFrame
        As `vhi.simulation.accuracy.error_by_cut` gives it; voxels.
    ax : Axes
    cut : float
        The share in use.
    """
    ax.axhline(0, color=MUTED, lw=0.6)
    ax.axvline(cut, color=INK, ls=":", lw=1)
    for name, colour, style in (("mean", SERIES[0], "-"), ("median", SERIES[1], "--")):
        ax.plot(frame["cut"], frame[f"{name}_error_voxels"], style, color=colour, marker="o", ms=3, label=name)
    ax.set(xlabel="share of oedema fluid that counts as inflamed in truth", ylabel="$V_{HI}$ minus truth (voxels)")
    ax.set_title(f"by the definition of the truth (in use: {cut:g})")
    thousands(ax)
    ax.set_xticks([0.05, 0.1, 0.15, 0.2, 0.25], ["0.05", "0.10", "0.15", "0.20", "0.25"])
    ax.legend(frameon=False)
    return ax
