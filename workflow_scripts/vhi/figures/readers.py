"""Figures of the readers: V_HI of each against SPARCC, and the readers against each other (paper, Figs 6 and 7)."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from vhi.figures.agreement import draw_differences, draw_limits_by_mean, draw_relation, draw_unity
from vhi.figures.style import new_figure
from vhi.io.tables import TAKEN_AS

METHOD = "clustered"  # of limits.tsv
PRIMARY = ", primary"
"""Beside the title of the declared analysis."""


def figure_6(values: pd.DataFrame, relation: pd.DataFrame, unit: str, simulated: bool) -> Figure:
    """Draw V_HI of each reader against SPARCC, raw, truncated and logarithm, from values.tsv and relation.tsv."""
    column, readers = f"vhi_{unit}", list(dict.fromkeys(relation["reader"]))
    figure = new_figure(11, 4.6 * max(1, len(readers)), simulated)
    figure.get_layout_engine().set(h_pad=0.06)  # room for the boxes
    axes = figure.subplots(max(1, len(readers)), 3, squeeze=False)
    for reader, row in zip(readers, axes, strict=False):
        points = values[values["reader"] == reader].dropna(subset=[column, "sparcc"])
        for (_, found), ax in zip(relation[relation["reader"] == reader].iterrows(), row, strict=True):
            scale = found["scale"]
            shown = points[points[column] <= found["cut"]] if scale == "truncated" else points
            value = np.log1p(shown[column]) if scale == "log" else shown[column]
            title = {"raw": f"{reader}, raw", "truncated": "truncated", "log": "log(x + 1)"}[scale]
            title += PRIMARY * (found["primary"] not in ("no", "paper"))
            draw_relation(shown.assign(value=value), found, ax, found["unit"], title, scale == "raw")
    figure.supxlabel("orange: before treatment, blue: after. In brackets: 95 % confidence intervals", fontsize=8)
    return figure


def figure_7(pairs: pd.DataFrame, limits: pd.DataFrame, by_mean: pd.DataFrame, simulated: bool) -> Figure:
    """Draw the readers against each other in both measures, from pairs.tsv and the limits of limits.tsv by `METHOD`.

    Panels of raw V_HI show the limits of limits_by_mean.tsv too. The declared primary analysis is named in its panel.
    """
    rows = list(pairs.groupby(["measure", "a", "b"], sort=False))
    primary = {(row["measure"], row["scale"]) for table in (limits, by_mean) for _, row in table.iterrows()
               if row["primary"] == "yes"}  # fmt: skip
    limits = limits[limits["method"] == METHOD].set_index(["measure", "a", "b", "scale"]).sort_index()
    figure = new_figure(11, 3.1 * max(1, 2 * len(rows)), simulated)
    axes = figure.subplots(max(1, 2 * len(rows)), 3, squeeze=False)
    for place, (key, of_pair) in enumerate(rows):
        measure, a, b = key
        name = "$V_{HI}$" if measure == "V_HI" else measure
        for column, (scale, points) in enumerate(of_pair.groupby("scale", sort=False)):
            unit, cut = points["unit"].iloc[0], points["cut"].iloc[0]
            found = limits.loc[[(*key, scale)]].set_index("quantity")[["estimate", "ci_low", "ci_high"]]
            above, below = axes[2 * place, column], axes[2 * place + 1, column]
            draw_unity(points, above, a, b, unit, cut if scale == "raw" else None)
            above.set_title(f"{name}, {scale if scale != 'log' else 'log(x + 1)'}\nn = {len(points)} scans")
            draw_differences(points, {of: tuple(row) for of, row in found.iterrows()}, below, a, b, unit)
            if scale == "raw" and measure == "V_HI":
                draw_limits_by_mean(by_mean[(by_mean["a"] == a) & (by_mean["b"] == b)], below)
            if (measure, scale) in primary:
                below.set_title(below.get_title() + PRIMARY)
    if not rows:
        axes[0, 0].set_title("agreement needs two readers")
    note = f"orange: before treatment, blue: after; bias and limits {TAKEN_AS[METHOD]}"
    note += "; bars on the right: their 95 % confidence intervals"
    if len(by_mean):
        note += "\npurple: limits as a function of the mean, shaded: their 95 % confidence intervals"
    figure.supxlabel(note, fontsize=8)
    return figure
