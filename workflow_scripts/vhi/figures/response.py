"""Figures of change under treatment: spaghetti plots and change against change (paper, Fig 9)."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from vhi.figures.style import INK, MUTED, SERIES, spread_out, thousands

DIRECTIONS = {  # green and red in the paper; here green and orange, which the colour-blind tell apart, and lines of their own
    "improved": ("#009E73", "-", "o"),
    "worsened": ("#D55E00", "--", "s"),
    "tie": (INK, ":", "D"),
}


CROWDED = 60
"""Subjects above which lines are thin and their median is drawn."""


def draw_spaghetti(
    values: pd.DataFrame, directions: pd.Series, ax: Axes, title: str, unit: str, top: float, last: str | None = None
) -> Axes:
    """Draw each subject's values over the visits as a line, coloured by the direction from the first visit to one of them.

    Parameters
    ----------
    values : DataFrame
        One row per subject, one column per visit in their order, the first before treatment; NaN where a visit is missing.
    directions : Series
        By subject, as in `DIRECTIONS`; a subject without one is not drawn.
    ax : Axes
    title : str
    unit : str
        Label of the y axis.
    top : float
        Upper end of the y axis.
    last : str, optional
        The visit up to which the directions are.
    """
    directions = directions.reindex(values.index).dropna()
    crowded = len(directions) > CROWDED
    look = {"ms": 2, "lw": 0.5, "alpha": 0.35} if crowded else {"ms": 3.5, "lw": 1.1, "alpha": 0.85}
    place = np.arange(values.shape[1])
    for name, (colour, style, marker) in DIRECTIONS.items():
        for row in values.loc[directions.index[directions == name]].to_numpy(float):
            seen = np.isfinite(row)  # a line goes on past a missing visit
            ax.plot(place[seen], row[seen], style, color=colour, marker=marker, clip_on=False, **look)
    if crowded:
        ax.plot(place, values.loc[directions.index].median(), color=INK, lw=2.5, label="median")
    counts = directions.value_counts()
    handles = [
        Line2D([], [], color=colour, ls=style, marker=marker, ms=3.5, lw=1.1, label=f"{name} ({counts[name]})")
        for name, (colour, style, marker) in DIRECTIONS.items()
        if name in counts
    ]
    handles += [Line2D([], [], color=INK, lw=2.5, label="median")] if crowded else []
    ax.legend(handles=handles, loc="upper right", fontsize=8)
    two = list(values) == ["pre", "post"]
    ax.set_xticks(place, ["before", "after"] if two else list(values))
    ax.set(
        xlim=(-0.15, place[-1] + 0.15), ylim=(0, 1.3 * max(top, 1)), ylabel=unit, xlabel="Treatment" if two else "Visit"
    )
    spread_out(ax, values.loc[directions.index].to_numpy(), "y")
    if ax.get_yscale() != "linear":
        ax.set_ylim(0, 20 * top)  # the legend stands above the lines
    thousands(ax, "y")
    ax.set_title(f"{title}\nn = {len(directions)}" + ("" if two or last is None else f", colours: {last}"))
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
    named = np.flatnonzero(influential & shown)
    for place in named:
        near = np.abs(x[named] - x[place]) < 0.2 * np.ptp(x)
        near &= np.abs(y[named] - y[place]) < 0.05 * np.ptp(y[shown])
        below = (y[named][near] > y[place]).any()  # its name would lie on that of the point above it
        ax.annotate(
            frame["subject"].iloc[place],
            (x[place], y[place]),
            xytext=(4, -10 if below else 4),
            textcoords="offset points",
            fontsize=7,
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
    ax.margins(0.08)
    low, high = ax.get_ylim() if limit is None else (-1.1 * limit, 1.1 * limit)
    ax.set_ylim(low, high + 0.25 * (high - low))  # room for the legend above all points
    ax.set(xlabel="Change in SPARCC (score)", ylabel=f"Change in $V_{{HI}}$ ({unit})")
    thousands(ax)
    number = f"n = {len(frame)}" if shown.all() else f"{shown.sum()} of {len(frame)} subjects shown"
    ax.set_title(f"{title}\n{number}")
    return ax
