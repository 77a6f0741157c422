"""Figure of the subjects and readers of a next study."""

import pandas as pd
from matplotlib.axes import Axes

from vhi.figures.style import SERIES


def draw_plan(curves: pd.DataFrame, ax: Axes, question: str, title: str, subjects: str) -> Axes:
    """Draw the planned value of a question against subjects, one line per number of readers."""
    rows = curves[curves["question"] == question]
    for (readers, line), colour in zip(rows.groupby("readers"), SERIES, strict=False):
        ax.plot(line["subjects"], line["planned"], color=colour, label=f"readers: {readers}")
    ax.set(xlabel=subjects, ylabel="Power" if question == "difference_percent" else "log(V_HI + 1)", title=title)
    if len(rows):
        ax.legend(fontsize=7)
    else:
        ax.set_title(f"{title}\nno plan: see the table")
    return ax
