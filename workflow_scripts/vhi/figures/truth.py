"""Figures of a simulated study: V_HI beside the true volume."""

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from vhi.figures.style import INK, MUTED, POST, PRE, SERIES, thousands


def draw_accuracy(frame: pd.DataFrame, ax: Axes) -> Axes:
    """Draw V_HI against the true volume of inflammation, one colour per reader, both axes as log(x + 1).

    Parameters
    ----------
    frame : DataFrame
        Columns ``reader true_voxels vhi_voxels``.
    ax : Axes
    """
    for (reader, of_reader), colour in zip(frame.groupby("reader"), SERIES, strict=False):
        name = f"{reader} (n = {len(of_reader)})"
        ax.plot(
            of_reader["true_voxels"] + 1, of_reader["vhi_voxels"] + 1, "o", ms=4.5, color=colour, alpha=0.8, label=name
        )
    top = 1.5 * max(frame["true_voxels"].max(), frame["vhi_voxels"].max(), 1)
    ax.plot([1, top], [1, top], ":", color=MUTED)
    ax.set(xscale="log", yscale="log", xlabel="True volume + 1 (voxels)", ylabel="$V_{HI}$ + 1 (voxels)")
    error = frame["vhi_voxels"] - frame["true_voxels"]
    ax.set_title(f"bias {error.mean():+,.0f}, SD {error.std(ddof=1):,.0f} voxels")
    ax.legend(loc="upper left")
    return ax


def draw_error_sources(frame: pd.DataFrame, ax: Axes) -> Axes:
    """Draw the mean number of voxels lost and gained per reading, by source, with the spread over readings.

    Parameters
    ----------
    frame : DataFrame
        Columns ``source step voxels``, one row per reading and source.
    ax : Axes
    """
    found = frame.groupby(["source", "step"], sort=False)["voxels"].agg(["mean", "std"]).reset_index()
    found = found[found["mean"] != 0].iloc[::-1]
    places = np.arange(len(found))
    ax.barh(places, found["mean"], color=np.where(found["mean"] < 0, POST, PRE), height=0.7)
    ax.errorbar(found["mean"], places, xerr=found["std"], fmt="none", ecolor=INK, elinewidth=0.7)
    names = found["source"].str.replace("_", " ").str.replace("kept ", "kept: ")
    ax.set_yticks(places, [f"{name} ({step})" for name, step in zip(names, found["step"], strict=True)])
    ax.axvline(0, color=INK, lw=0.8)
    ax.set(xlabel="Voxels per reading, mean and SD")
    ax.set_title("lost (blue) and kept without being inflammation (orange), by step")
    ax.xaxis.set_major_formatter(mpl.ticker.FuncFormatter(lambda value, _: f"{value:,.0f}"))
    return ax


def draw_error_by_cut(frame: pd.DataFrame, ax: Axes) -> Axes:
    """Draw V_HI minus the truth over the share of oedema fluid that defines the truth.

    Parameters
    ----------
    frame : DataFrame
        Columns ``cut in_use mean_error_voxels median_error_voxels``, one row per cut.
    ax : Axes
    """
    cut = frame.loc[frame["in_use"] == "yes", "cut"].iloc[0]
    ax.axhline(0, color=MUTED, lw=0.6)
    ax.axvline(cut, color=INK, ls=":", lw=1)
    for name, colour, style in (("mean", SERIES[0], "-"), ("median", SERIES[1], "--")):
        ax.plot(frame["cut"], frame[f"{name}_error_voxels"], style, color=colour, marker="o", ms=3, label=name)
    ax.set(xlabel="share of oedema fluid that counts as inflamed in truth", ylabel="$V_{HI}$ minus truth (voxels)")
    ax.set_title(f"by the definition of the truth (in use: {cut:g})")
    thousands(ax)
    ax.set_xticks([0.05, 0.1, 0.15, 0.2, 0.25], ["0.05", "0.10", "0.15", "0.20", "0.25"])
    ax.legend()
    return ax
