"""Figures of two variants of a study side by side."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from vhi.figures.style import INK, MUTED, SERIES


def draw_paired(frame: pd.DataFrame, ax: Axes, column: str, title: str, unit: str, names: tuple[str, str]) -> Axes:
    """Draw a quantity of variant B against that of A, both axes in powers of ten, with the line of unity.

    Parameters
    ----------
    frame : DataFrame
        Columns ``<column>_A`` and ``<column>_B``.
    ax : Axes
    column, title, unit : str
    names : (str, str)
        Names of the variants.
    """
    known = frame.dropna(subset=[f"{column}_A", f"{column}_B"])
    x, y = known[f"{column}_A"].to_numpy(float), known[f"{column}_B"].to_numpy(float)
    if known.empty:
        return _without(ax, title)
    ax.plot(x + 1, y + 1, "o", ms=5, color=SERIES[0], alpha=0.8, mec="none")
    both = np.concatenate([x, y]) + 1
    ends = [both.min() / 1.5, 1.5 * max(2, both.max())]
    ax.plot(ends, ends, ":", color=MUTED)
    ax.set(xscale="log", yscale="log", xlabel=f"{names[0]} ({unit} + 1)", ylabel=f"{names[1]} ({unit} + 1)")
    ax.set_title(f"{title}\nn = {len(known)}")
    return ax


def draw_paired_dice(frame: pd.DataFrame, ax: Axes, names: tuple[str, str]) -> Axes:
    """Draw Dice scores of both variants, joined per scan and pair of readings, one colour per method.

    Parameters
    ----------
    frame : DataFrame
        Columns ``method dice_A dice_B``.
    ax : Axes
    names : (str, str)
    """
    known = frame.dropna(subset=["dice_A", "dice_B"])
    if known.empty:
        return _without(ax, "Dice scores")
    for (method, table), colour in zip(known.groupby("method", sort=False), SERIES, strict=False):
        for row in table[["dice_A", "dice_B"]].to_numpy():
            ax.plot([0, 1], row, "-o", ms=3, lw=0.7, color=colour, alpha=0.5)
        ax.plot([], [], "-o", ms=3, color=colour, label=f"{method} (n = {len(table)})")
    ax.set_xticks([0, 1], names)
    ax.set(xlim=(-0.2, 1.2), ylim=(-0.02, 1.03), ylabel="Dice score")
    ax.legend(fontsize=7, loc="lower center")
    ax.set_title(f"Dice scores\nn = {len(known)}")
    return ax


def draw_limits_of_agreement(frame: pd.DataFrame, ax: Axes, names: tuple[str, str]) -> Axes:
    """Draw bias and 95 % limits of agreement between the readers for each variant, with their confidence intervals.

    Parameters
    ----------
    frame : DataFrame
        Columns ``run a b n bias_voxels lower_limit_voxels upper_limit_voxels`` and ``<name>_ci_low <name>_ci_high``.
    ax : Axes
    names : (str, str)
    """
    known = frame[frame["bias_voxels"].notna()].reset_index(drop=True)
    if known.empty:
        return _without(ax, "bias and limits of agreement")
    for place, row in known.iterrows():
        colour = SERIES[0] if row["run"] == "A" else SERIES[1]
        ax.plot([row["lower_limit_voxels"], row["upper_limit_voxels"]], [place, place], color=colour, lw=1.5)
        for name, marker in (("bias", "o"), ("lower_limit", "|"), ("upper_limit", "|")):
            at = row[f"{name}_voxels"]
            ax.plot(at, place, marker, color=colour, ms=9 if marker == "|" else 6)
            ends = np.array([row[f"{name}_ci_low"], row[f"{name}_ci_high"]])
            ax.plot(ends, [place + 0.12] * 2, color=colour, lw=4, alpha=0.3, solid_capstyle="butt")
    called = dict(zip("AB", names, strict=True))
    labels = [f"{called[run]}\n{a} - {b}, n = {n}" for run, a, b, n in known[["run", "a", "b", "n"]].to_numpy()]
    ax.set_yticks(range(len(known)), labels)
    ax.axvline(0, color=INK, lw=0.6)
    ax.set(xlabel="Difference of the readers (voxels)", ylim=(-0.6, len(known) - 0.4))
    ax.set_title("bias and 95 % limits of agreement\nbars: 95 % confidence intervals")
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    return ax


def _without(ax, title):
    ax.set_axis_off()
    ax.set_title(f"{title}\nnot available in both")
    return ax
