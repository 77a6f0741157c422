"""A contact sheet of simulated slices."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from vhi.io.orientation import slice_name
from vhi.simulation.subject import Scan

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
    scan : vhi.simulation.subject.Scan
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
        "normal marrow": scan.normal_marrow,
        "true inflammation": scan.truth.inflammation,
    }
    if preliminary is not None:
        masks["preliminary segmentation"] = preliminary
    figure = Figure(figsize=(2.1 * len(chosen), 6.9), facecolor="white")
    axes = figure.subplots(3, len(chosen), squeeze=False)
    level = float(np.median(scan.stir[scan.normal_marrow]))
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
        axes[0, column].set_title(slice_name(k), fontsize=8)
    handles = [Line2D([], [], color=OUTLINES[label][0], label=label) for label in masks]
    figure.legend(handles=handles, loc="lower center", ncols=len(handles), fontsize=8, frameon=False)
    figure.suptitle(f"{name}: simulated (T1w, STIR, STIR with outlines)", fontsize=10)
    figure.subplots_adjust(0.005, 0.05, 0.995, 0.91, 0.02, 0.02)
    return figure
