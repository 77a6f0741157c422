"""Figures of change under treatment: spaghetti plots and change against change (paper, Fig 9)."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from vhi.figures.style import INK, MUTED, SERIES, thousands

DIRECTIONS = {  # green and red in the paper; here green and orange, which the colour-blind tell apart, and lines of their own
    "improved": ("#009E73", "-", "o"),
    "worsened": ("#D55E00", "--", "s"),
    "tie": (MUTED, ":", "D"),
}


def draw_spaghetti(frame: pd.DataFrame, ax: Axes, title: str, unit: str, top: float) -> Axes:
    """Draw each subject's value before and after treatment as a line, coloured by direction.

    Parameters
    ----------
    frame : DataFrame
        Columns ``pre post direction``, one row per subject.
    ax : Axes
    title : str
    unit : str
        Label of the y axis.
    top : float
        Upper end of the y axis, so that panels can be compared.
    """
    frame = frame.dropna(subset=["pre", "post"])
    for name, (colour, style, marker) in DIRECTIONS.items():
        for pre, post in frame.loc[frame["direction"] == name, ["pre", "post"]].to_numpy():
            ax.plot([0, 1], [pre, post], style, color=colour, marker=marker, ms=3.5, lw=1.1, alpha=0.85, clip_on=False)
    counts = frame["direction"].value_counts()
    handles = [
        Line2D([], [], color=colour, ls=style, marker=marker, ms=3.5, lw=1.1, label=f"{name} ({counts[name]})")
        for name, (colour, style, marker) in DIRECTIONS.items()
        if name in counts
    ]
    ax.legend(handles=handles, loc="upper right", fontsize=8)
    ax.set_xticks([0, 1], ["before", "after"])
    ax.set(xlim=(-0.15, 1.15), ylim=(0, 1.3 * max(top, 1)), ylabel=unit, xlabel="Treatment")
    thousands(ax, "y")
    ax.set_title(f"{title}\nn = {len(frame)}")
    return ax


def draw_changes(
    frame: pd.DataFrame, fit: pd.Series, ax: Axes, title: str, unit: str, limit: float | None = None
) -> Axes:
    """Draw the change in V_HI against that in SPARCC with both regression lines; influential subjects are named.

    Parameters
    ----------
    frame : DataFrame
        Columns ``subject change_sparcc change_vhi influential``.
    fit : Series
        ``slope intercept theil_sen_slope theil_sen_intercept r2``.
    ax : Axes
    title : str
    unit : str
        Of V_HI.
    limit : float, optional
        Show changes in V_HI up to this size only, and count the rest.
    """
    frame = frame.dropna(subset=["change_sparcc", "change_vhi"])
    x, y = frame["change_sparcc"].to_numpy(float), frame["change_vhi"].to_numpy(float)
    influential = (frame["influential"] == "yes").to_numpy(bool)
    ax.axhline(0, color=MUTED, lw=0.6)
    ax.axvline(0, color=MUTED, lw=0.6)
    shown = np.abs(y) <= (limit if limit is not None else np.inf)
    ax.plot(x[~influential & shown], y[~influential & shown], "o", ms=4.5, color=SERIES[0], alpha=0.8, mec="none")
    ax.plot(x[influential & shown], y[influential & shown], "D", ms=5, color=SERIES[1], mec=INK, mew=0.6)
    for place in np.flatnonzero(influential & shown):
        ax.annotate(
            frame["subject"].iloc[place], (x[place], y[place]), xytext=(4, 4), textcoords="offset points", fontsize=7
        )
    if np.isfinite(fit["slope"]):
        ends = np.array([x.min(), x.max()])
        for of, style, colour, label in (
            ("", "-", INK, f"least squares, $R^2$ = {fit['r2']:.2f}"),
            ("theil_sen_", "--", SERIES[2], "Theil-Sen"),
        ):
            line = fit[f"{of}intercept"] + fit[f"{of}slope"] * ends
            ax.plot(ends, line, style, color=colour, lw=1.2, label=label)
        ax.legend(loc="upper left", fontsize=8)
    if limit is not None:
        ax.set_ylim(-1.1 * limit, 1.1 * limit)
    ax.margins(0.08)
    ax.set(xlabel="Change in SPARCC (score)", ylabel=f"Change in $V_{{HI}}$ ({unit})")
    thousands(ax)
    number = f"n = {len(frame)}" if shown.all() else f"{shown.sum()} of {len(frame)} subjects shown"
    ax.set_title(f"{title}\n{number}, diamonds: Cook's distance > 4/n")
    return ax
