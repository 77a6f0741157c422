"""V_HI with its error: intervals of all visits, and shares of the sources."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from vhi.figures.style import MUTED, POST, PRE, SERIES, new_figure
from vhi.statistics.values import first_visits
from vhi.uncertainty.change import visit_interval
from vhi.uncertainty.intervals import missing_sources

SOURCES = {"patch": "patch of normal marrow", "region": "disease region", "reader": "reader", "scan": "scan"}
MOST_NAMED = 40
"""Visits up to which each is named on the axis; lines of more are thin."""


def figure_intervals(table: pd.DataFrame, simulated: bool) -> Figure:
    """Draw every visit's V_HI with its interval, visits ordered by V_HI; ``table`` is uncertainty.tsv."""
    visits = by_visit(table)
    figure = new_figure(7, max(2.5, 0.6 + 0.16 * min(len(visits), MOST_NAMED)), simulated)
    ax = figure.subplots()
    place, few = np.arange(len(visits)), len(visits) <= MOST_NAMED
    look = {"lw": 1.4, "alpha": 0.7} if few else {"lw": 0.4, "alpha": 0.35}
    for session, colour, name in (("pre", PRE, "before treatment"), ("post", POST, "after treatment")):
        of = (visits["session"] == session).to_numpy()
        if of.any():
            x, low, high = (visits.loc[of, column] / 1000 for column in ("vhi_mm3", "low_mm3", "high_mm3"))
            ax.hlines(place[of], low, high, color=colour, **look)
            ax.plot(x, place[of], "o", color=colour, ms=4 if few else 1.5, label=name)
    ax.set_xscale("symlog", linthresh=0.01)
    ax.set_xlim(left=0)
    ax.set_xlabel("$V_{HI}$, ml (90 % interval)")
    ax.set_ylabel("visits, by $V_{HI}$")
    names = visits["subject"].tolist() if few else []
    ax.set_yticks(place if names else [], names, fontsize=7)
    ax.legend(loc="lower right")
    _name_missing(figure, table)
    return figure


def figure_sources(table: pd.DataFrame, simulated: bool) -> Figure:
    """Draw what the variance of log(V_HI + 1) of each visit is made of, visits ordered by V_HI."""
    visits = by_visit(table)
    parts = visits[[f"sd_log_{source}" for source in SOURCES]].to_numpy(float) ** 2
    total = np.nansum(parts, axis=1, keepdims=True)
    shares = 100 * np.nan_to_num(parts) / np.where(total > 0, total, np.nan)
    figure = new_figure(7, 3.2, simulated)
    ax = figure.subplots()
    bottom = np.zeros(len(visits))
    for number, (name, colour) in enumerate(zip(SOURCES.values(), SERIES, strict=True)):
        if np.nan_to_num(shares[:, number]).any():
            ax.bar(np.arange(len(visits)), shares[:, number], 1.0, bottom, color=colour, label=name)
            bottom += np.nan_to_num(shares[:, number])
    ax.set_ylabel("share of the variance, %")
    ax.set_xlabel("visits, from the smallest $V_{HI}$ to the largest")
    ax.set_xticks([])
    ax.margins(x=0)
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=4)
    _name_missing(figure, table)
    return figure


def by_visit(table: pd.DataFrame) -> pd.DataFrame:
    """Put the first readings of each visit together: the readers' geometric mean with its interval, ordered by V_HI."""
    first = first_visits(table)
    parts = [f"sd_log_{source}" for source in SOURCES]
    rows = []
    for (subject, session, _), visit in first.groupby(["subject", "session", "scan"]):
        # V_HI of 0 has no volume of a voxel; then any other reading of the study tells it.
        ratio = (first if (visit["vhi_voxels"] == 0).all() else visit).query("vhi_voxels > 0")
        voxel_mm3 = float((ratio["vhi_mm3"] / ratio["vhi_voxels"]).median()) if len(ratio) else 1.0
        middle = np.expm1(np.log1p(visit["vhi_voxels"].astype(float)).mean())
        ends = visit_interval(visit, visit["limit_rule"].iloc[0])
        rows.append((subject, session, *(voxel_mm3 * value for value in (middle, *ends)), *visit[parts].mean()))
    columns = ["subject", "session", "vhi_mm3", "low_mm3", "high_mm3", *parts]
    return pd.DataFrame(rows, columns=columns).sort_values("vhi_mm3", ignore_index=True)


def _name_missing(figure: Figure, table: pd.DataFrame) -> None:
    """Name the sources that some reading lacks, below the figure."""
    if lacking := missing_sources(table["sources_missing"]):
        words = ", ".join(SOURCES[source] for source in lacking)
        text = f"not contained, since this study cannot estimate it for every reading: {words}"
        figure.supxlabel(text, fontsize=7, color=MUTED)
