"""Figure of the joints: the four territories of a scan, and V_HI by side and bone."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from vhi.figures.marks import mark_sides
from vhi.figures.scans import crop_to, draw_region, draw_slice
from vhi.figures.style import INK, MUTED, SERIES, new_figure, thousands
from vhi.io.orientation import slice_name
from vhi.joint.territories import BONES, HALVES, SCORED_SLICES, SIDES
from vhi.statistics.values import first_visits

JOINTS = [(side, bone) for side in SIDES for bone in BONES]
LINEAR_UP_TO = 100  # voxels: above, the axis is logarithmic


def figure_joints(shown: Mapping, joints: pd.DataFrame, sessions: Sequence[str], simulated: bool) -> Figure:
    """Draw every other of the six scored slices with the four territories, and V_HI of each territory over the visits.

    Parameters
    ----------
    shown : mapping
        ``scan t1w labels region spacing first_slice``: volumes in presentation order, the slice counted from 0.
    joints : DataFrame
        6_cleaning/joints.tsv.
    sessions : sequence of str
        Visits in their order.
    simulated : bool
    """
    figure = new_figure(10, 7, simulated)
    grid = figure.add_gridspec(2, 12)
    rows, columns = crop_to(shown["region"])
    for place, k in enumerate(range(shown["first_slice"], shown["first_slice"] + SCORED_SLICES, 2)):
        ax = figure.add_subplot(grid[0, 4 * place : 4 * place + 4])
        if k >= len(shown["t1w"]):
            ax.set_axis_off()
            continue
        draw_slice(shown["t1w"][k, rows, columns], ax, shown["spacing"], f"{shown['scan']}, {slice_name(k)}")
        territory = (shown["labels"][k, rows, columns].astype(int) - 1) // len(HALVES)
        for number in range(len(JOINTS)):
            draw_region((territory == number) & shown["region"][k, rows, columns], ax, SERIES[number])
        mark_sides(ax)
    names = [" ".join(joint) for joint in JOINTS]
    top = None
    for number, joint in enumerate(JOINTS):
        of_joint = joints[(joints["side"] == joint[0]) & (joints["bone"] == joint[1])]
        top = figure.add_subplot(grid[1, 3 * number : 3 * number + 3], sharey=top)
        draw_joint(of_joint, sessions, top, names[number], SERIES[number])
    top.set_ylim(bottom=-5)
    handles = [Patch(color=colour, label=name) for colour, name in zip(SERIES, names, strict=True)]
    figure.legend(handles=handles, loc="outside lower center", ncols=4, fontsize=8)
    return figure


def draw_joint(joints: pd.DataFrame, sessions: Sequence[str], ax: Axes, title: str, colour: str) -> Axes:
    """Draw V_HI of one territory over the visits: a line per subject (mean of the readers, first trials), and their median.

    Parameters
    ----------
    joints : DataFrame
        Rows of one side and bone of 6_cleaning/joints.tsv.
    sessions : sequence of str
    ax : Axes
    title, colour : str
    """
    wide = (
        first_visits(joints)
        .pivot_table(index="subject", columns="session", values="vhi_voxels")
        .reindex(columns=list(sessions))
    )
    place = np.arange(wide.shape[1])
    for values in wide.to_numpy(float):
        seen = np.isfinite(values)
        ax.plot(place[seen], values[seen], "o-", color=colour, ms=3, lw=0.8, alpha=0.5)
    ax.plot(place, wide.median(), "s-", color=INK, ms=4, lw=2, label="median")
    two = list(sessions) == ["pre", "post"]
    ax.set_xticks(place, ["before", "after"] if two else list(sessions))
    ax.set_yscale("symlog", linthresh=LINEAR_UP_TO)
    thousands(ax, "y")
    ax.set_title(f"{title}\nn = {len(wide)}")
    ax.grid(axis="y", color=MUTED, alpha=0.3, lw=0.5)
    if ax.get_subplotspec().is_first_col():
        ax.set_ylabel("$V_{HI}$ (voxels)")
        ax.legend(fontsize=7, loc="upper right")
    else:
        ax.tick_params(labelleft=False)
    ax.set_xlim(-0.3, len(place) - 0.7)
    return ax
