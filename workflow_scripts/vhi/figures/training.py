"""Figures of training: learning curves, and the Dice of each test slice."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from vhi.figures.style import SERIES


def draw_learning_curves(frame: pd.DataFrame, ax: Axes, measure: str, unit: str, x: str = "epoch") -> Axes:
    """Draw training and validation curves, one line per fold (paper, Fig S1).

    Parameters
    ----------
    frame : DataFrame
        Columns ``fold``, that of the x axis, and ``training_<measure>``, ``validation_<measure>``.
    ax : Axes
    measure : str
        ``loss`` or ``dice``.
    unit : str
        Label of the y axis.
    x : str
        ``epoch`` or ``step``.
    """
    for part, style in (("training", ":"), ("validation", "-")):
        for (fold, of_fold), colour in zip(frame.groupby("fold"), SERIES, strict=False):
            name = f"fold {fold}, {part}" if isinstance(fold, int | np.integer) else f"{fold}, {part}"
            ax.plot(of_fold[x], of_fold[f"{part}_{measure}"], style, color=colour, lw=1.2, label=name)
    ax.set(xlabel=x.capitalize(), ylabel=unit)
    return ax


def draw_slice_dice(frame: pd.DataFrame, ax: Axes, title: str) -> Axes:
    """Draw the Dice score of every slice of the test scans, ours beside the published one (paper, Fig S1).

    Parameters
    ----------
    frame : DataFrame
        Columns ``scan slice dice`` and, where published, ``published_dice``; a slice without disease region in either mask
        has none.
    ax : Axes
    title : str
    """
    for (scan, rows), colour in zip(frame.groupby("scan", sort=False), SERIES, strict=False):
        ax.plot(rows["slice"], rows["dice"], "o-", color=colour, ms=3.5, lw=1.2, label=f"{scan}, ours")
        if "published_dice" in rows:
            ax.plot(
                rows["slice"], rows["published_dice"], "x:", color=colour, ms=4.5, lw=1.2, label=f"{scan}, published"
            )
    ax.set(xlabel="Slice", ylabel="Dice of the disease region")
    ax.set_ylim(top=1)
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.legend(fontsize=7, loc="lower center")
    ax.set_title(title)
    return ax
