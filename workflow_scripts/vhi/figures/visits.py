"""Figure of mean change over the visits, by arm."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from vhi.figures.style import MUTED, SERIES, new_figure

MEASURES = {"log_vhi": "$V_{HI}$ + 1, ratio to the first visit", "sparcc": "change in SPARCC (points)"}
MARKERS = "osD^v"


def figure_visits(table: pd.DataFrame, sessions: Sequence[str], simulated: bool) -> Figure:
    """Draw mean changes with their 95 % intervals over the visits: V_HI as a ratio, SPARCC in points.

    Parameters
    ----------
    table : DataFrame
        Of `vhi.statistics.visits.change_by_visit`.
    sessions : sequence of str
        Visits in their order.
    simulated : bool
    """
    measures = [measure for measure in MEASURES if measure in set(table["measure"])]
    figure = new_figure(3.6 * len(measures) + 0.4, 3.4, simulated)
    for ax, measure in zip(figure.subplots(1, len(measures), squeeze=False)[0], measures, strict=True):
        of = table[(table["measure"] == measure) & ~table["group"].str.contains(" - ", regex=False)]
        groups = [group for group in of["group"].unique() if group.startswith("arm ")] or ["all subjects"]
        ratio = measure == "log_vhi"
        columns = ["ratio", "ratio_ci_low", "ratio_ci_high"] if ratio else ["mean_change", "ci_low", "ci_high"]
        for number, group in enumerate(groups):
            rows = of[of["group"] == group].set_index("session").reindex(sessions[1:])
            middle, low, high = (rows[column].to_numpy(float) for column in columns)
            place = np.arange(1, len(sessions)) + 0.06 * (number - (len(groups) - 1) / 2)
            colour = SERIES[number % len(SERIES)]
            ax.vlines(place, low, high, color=colour, lw=1.2)
            ax.plot(
                [0, *place], [1 if ratio else 0, *middle], color=colour, marker=MARKERS[number % 5], ms=4, label=group
            )
        ax.axhline(1 if ratio else 0, color=MUTED, lw=0.6)
        if ratio:
            ax.set_yscale("log")
            ax.yaxis.set_major_formatter("{x:g}")
            ax.yaxis.set_minor_formatter(NullFormatter())
            ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.set_xticks(np.arange(len(sessions)), sessions)
        ax.set(xlabel="visit", ylabel=MEASURES[measure])
        ax.legend(fontsize=8, loc="lower left")
    figure.supxlabel("means of the subjects who were read at both visits, with 95 % intervals", fontsize=8)
    return figure
