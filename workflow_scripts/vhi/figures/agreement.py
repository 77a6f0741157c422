"""Figures of agreement: two measurements against each other and their differences (paper, Figs 5, 6 and 7)."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from vhi.figures.style import INK, MUTED, POST, PRE, spread_out, thousands

CUT_COLOUR = "#0072B2"
BY_MEAN_COLOUR = "#AA4499"
RIGHT = {"upper_limit": 0.955, "bias": 0.97, "lower_limit": 0.985}  # of the axes' width: where intervals stand
MANY = 200
POINTS = {"s": 20, "alpha": 0.8, "linewidths": 0, "zorder": 3}


BOX = {"facecolor": "white", "edgecolor": MUTED, "linewidth": 0.5, "pad": 3}


def points(frame: pd.DataFrame) -> dict:
    """Look of the points of a plot: small where there are many."""
    return POINTS if len(frame) <= MANY else POINTS | {"s": 6, "alpha": 0.5}


def session_colours(sessions: pd.Series) -> list[str]:
    """Orange before treatment, blue after."""
    return sessions.map({"pre": PRE, "post": POST}).fillna(MUTED).tolist()


def draw_unity(frame: pd.DataFrame, ax: Axes, name_a: str, name_b: str, unit: str, cut: float | None = None) -> Axes:
    """Draw one measurement against another, with the line of unity.

    Parameters
    ----------
    frame : DataFrame
        Columns ``value_a value_b session``, one row per scan.
    ax : Axes
    name_a, name_b : str
        Of the y and the x axis.
    unit : str
    cut : float, optional
        Where truncated views are cut: drawn dotted on both axes.
    """
    a, b = frame["value_a"], frame["value_b"]
    ax.scatter(b, a, c=session_colours(frame["session"]), **points(frame))
    top = 1.05 * float(np.nanmax([a.max(), b.max(), 1 if unit == "voxels" else 0.01]))
    ax.plot([0, top], [0, top], ":", color=MUTED, zorder=1)
    if cut is not None and np.isfinite(cut) and cut < top:
        ax.plot([0, cut, cut], [cut, cut, 0], ":", color=CUT_COLOUR, lw=1.2)
    linear = spread_out(ax, pd.concat([a, b]), "xy")
    ends = (-0.3 * linear if linear else -0.02 * top, top)
    ax.set(xlim=ends, ylim=ends, xlabel=f"{name_b} ({unit})", ylabel=f"{name_a} ({unit})")
    ax.set_title(f"{name_a} against {name_b}\nn = {int((a.notna() & b.notna()).sum())}")
    numbers(ax, unit)
    return ax


def draw_differences(
    frame: pd.DataFrame, limits: Mapping[str, tuple[float, float, float]], ax: Axes, name_a: str, name_b: str, unit: str
) -> Axes:
    """Draw differences against means with bias and limits of agreement (Bland-Altman).

    Parameters
    ----------
    frame : DataFrame
        Columns ``value_a value_b session``, one row per scan.
    limits : mapping of str to (estimate, low, high)
        For ``bias``, ``lower_limit`` and ``upper_limit``: the line, and its confidence interval as a bar on the right.
    ax : Axes
    name_a, name_b : str
        Differences are a - b.
    unit : str
    """
    a, b = frame["value_a"], frame["value_b"]
    ax.scatter((a + b) / 2, a - b, c=session_colours(frame["session"]), **points(frame))
    ax.axhline(0, color=MUTED, lw=0.6)
    for name, style in (("bias", "-"), ("lower_limit", "--"), ("upper_limit", "--")):
        at, low, high = limits.get(name, (np.nan,) * 3)
        if not np.isfinite(at):
            continue
        ax.axhline(at, color=INK, ls=style, lw=1)
        if np.isfinite([low, high]).all():
            place = RIGHT[name]  # side by side, so that wide ones can be told apart
            ax.plot([place, place], [low, high], color=INK, lw=2.5, alpha=0.35, solid_capstyle="butt",
                    transform=ax.get_yaxis_transform())  # fmt: skip
        ax.annotate(
            number(at, unit), (1.01, at), xycoords=("axes fraction", "data"), ha="left", va="center", fontsize=8,
            annotation_clip=False,
        )  # fmt: skip
    _show_limits(ax, limits, a - b)
    linear = spread_out(ax, (a + b) / 2, "x")
    low, high = ax.get_xlim()
    room = 0.5 if linear else 0.06  # no point under the intervals
    ax.set_xlim(-0.3 * linear if linear else low, high + room * (high - low))
    ax.set(xlabel=f"Mean of {name_a} and {name_b} ({unit})", ylabel=f"{name_a} - {name_b} ({unit})")
    ax.set_title(f"bias and 95 % limits\nn = {int((a.notna() & b.notna()).sum())}")
    numbers(ax, unit)
    return ax


def draw_limits_by_mean(table: pd.DataFrame, ax: Axes) -> None:
    """Draw limits of agreement as functions of the mean, with their intervals as bands, on a plot of differences.

    `table` is limits_by_mean.tsv of one pair. Between its means the limits are powers of mean + 1, and so are drawn. Nothing is drawn
    where fewer than two means are given.
    """
    for quantity in ("lower_limit", "upper_limit"):
        rows = table[table["quantity"] == quantity].dropna(subset=["estimate"])
        if len(rows) < 2:
            continue
        known = np.log1p(rows["mean"].to_numpy(float))
        fine = np.linspace(known[0], known[-1], 200)
        sign = -1 if quantity == "lower_limit" else 1
        at, low, high = (
            sign * np.exp(np.interp(fine, known, np.log(np.maximum(sign * rows[column].to_numpy(float), 1e-9))))
            for column in ("estimate", "ci_low", "ci_high")
        )
        ax.plot(np.expm1(fine), at, color=BY_MEAN_COLOUR, lw=1.2, zorder=2)
        if rows[["ci_low", "ci_high"]].notna().all(axis=None):
            ax.fill_between(np.expm1(fine), low, high, color=BY_MEAN_COLOUR, alpha=0.2, lw=0, zorder=1)


def _show_limits(ax: Axes, limits: Mapping, differences: pd.Series) -> None:
    """Show all points and lines; of an interval that is far wider than them, what fits."""
    lines = [at for at, _, _ in limits.values() if np.isfinite(at)] + differences.dropna().tolist() + [0]
    low, high = min(lines), max(lines)
    spread = (high - low) or 1
    ends = [end for _, *ci in limits.values() for end in ci if np.isfinite(end)]
    low = max(low - 0.4 * spread, min([low - 0.08 * spread, *ends]))
    high = min(high + 0.4 * spread, max([high + 0.08 * spread, *ends]))
    ax.set_ylim(low, high)


def draw_relation(frame: pd.DataFrame, found: pd.Series, ax: Axes, unit: str, title: str, show_cut: bool) -> Axes:
    """Draw V_HI against SPARCC with the least-squares line, and its numbers in words (paper, Fig 6).

    Parameters
    ----------
    frame : DataFrame
        Columns ``sparcc value session``, one row per scan.
    found : Series
        A row of relation.tsv.
    ax : Axes
    unit : str
        Of the y axis.
    title : str
    show_cut : bool
        Draw where the truncated view is cut.
    """
    ax.scatter(frame["sparcc"], frame["value"], c=session_colours(frame["session"]), **points(frame))
    if np.isfinite(found["slope"]):
        ends = np.array([frame["sparcc"].min(), frame["sparcc"].max()])
        ax.plot(ends, found["intercept"] + found["slope"] * ends, color=INK, lw=1)
        p = "P < 0.001" if found["slope_p"] < 0.001 else f"P = {found['slope_p']:.3f}"
        words = [
            f"slope {number(found['slope'], unit)} ({_ends(found, 'slope', unit)})",
            f"clustered ({_ends(found, 'slope_clustered', unit)})",
            f"intercept {number(found['intercept'], unit)} ({_ends(found, 'intercept', unit)})",
            f"$R^2$ = {found['r2']:.2f}, {p}",
        ]
        ax.annotate("\n".join(words), (0.5, 0), (0, -32), "axes fraction", "offset points", ha="center", va="top",
                    fontsize=7, bbox=BOX)  # fmt: skip
    ax.set_xlabel("SPARCC (points)")
    if show_cut and np.isfinite(found["cut"]):
        ax.axhline(found["cut"], color=CUT_COLOUR, ls=":", lw=1.2)
        ax.annotate("cut", (0.99, found["cut"]), xycoords=("axes fraction", "data"), ha="right", va="bottom", fontsize=8,
                    color=CUT_COLOUR)  # fmt: skip
    ax.set_ylabel(f"$V_{{HI}}$, {found['reader']} ({unit})")
    ax.set_title(f"{title}\nn = {int(found['n_scans'])} scans")
    numbers(ax, unit)
    return ax


def _ends(found: pd.Series, name: str, unit: str) -> str:
    return f"{number(found[f'{name}_ci_low'], unit)} to {number(found[f'{name}_ci_high'], unit)}"


def number(value: float, unit: str) -> str:
    """Print a number in a unit: thousands apart, two decimals for logarithms, one for points."""
    return f"{value:,.2f}" if unit.startswith("log") else f"{value:,.1f}" if unit == "points" else f"{value:,.0f}"


def numbers(ax: Axes, unit: str) -> None:
    """Print thousands apart where the unit has thousands."""
    if ax.get_xscale() == "linear":
        ax.locator_params(axis="x", nbins=5)
    if unit.startswith("log") or unit == "points":
        ax.tick_params(labelsize=8)
    else:
        thousands(ax)
