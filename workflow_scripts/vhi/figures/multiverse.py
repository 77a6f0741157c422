"""Figures of the multiverse: specification curve with the choices below it, importance of the choices, heat map of two of them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vhi.figures.style import INK, MUTED, SERIES, new_figure
from vhi.multiverse.names import ALPHA, WITHOUT_SCALE

AXES_FROM = 3  # columns of universes.tsv before the axes
COLUMNS = 400  # of the dashboard: neighbouring universes share one
BARS, PANELS = 8, ("srm", "icc", "kappa", "width_relative", "preliminary_srm", "composite_dice")


def draw_curve(
    universes: pd.DataFrame, outcomes: pd.DataFrame, axes: Sequence[Axes], outcome: str, title: str
) -> Sequence[Axes]:
    """Draw an outcome of every universe in order of size, and below it which values of each choice lead there.

    Parameters
    ----------
    universes, outcomes : DataFrame
        Rows belong together.
    axes : (curve, dashboard) of Axes
    outcome : str
        ``srm`` or ``preliminary_srm``.
    title : str
    """
    curve, dashboard = axes
    known = outcomes[outcome].dropna().sort_values(kind="stable")
    curve.set_title(title, fontsize=9)
    curve.set_ylabel(WITHOUT_SCALE[outcome])
    if known.empty:
        dashboard.set_axis_off()
        return axes
    place, is_base = np.arange(len(known)), (universes.loc[known.index, "base"] == "yes").to_numpy()
    significant = (outcomes.loc[known.index, "p_change"] < ALPHA).to_numpy() & (outcome == "srm")
    for chosen, colour, label in ((significant, SERIES[0], f"P < {ALPHA:g}"), (~significant, MUTED, f"P ≥ {ALPHA:g}")):
        label = label if outcome == "srm" else None
        curve.scatter(place[chosen], known[chosen], s=4, color=colour, lw=0, label=label, rasterized=True)
    curve.scatter(
        place[is_base], known[is_base], s=36, facecolor="none", edgecolor="#D00000", label="the study's config"
    )
    curve.axhline(0, color=INK, lw=0.8, ls=":")
    curve.legend(fontsize=7)
    rows, labels = [], []
    for axis in universes.columns[AXES_FROM:]:
        values = universes.loc[known.index, axis]
        for value in dict.fromkeys(universes[axis]):
            rows.append((values == value).to_numpy(float))
            labels.append(f"{axis.split('.')[1]}: {value}")
    edges = np.linspace(0, len(known), min(COLUMNS, len(known)) + 1).astype(int)
    shown = np.add.reduceat(np.array(rows), edges[:-1], axis=1) / np.diff(edges)
    extent = (-0.5, len(known) - 0.5, len(rows) - 0.5, -0.5)
    dashboard.imshow(shown, aspect="auto", cmap="Greys", vmin=0, vmax=1, extent=extent, interpolation="nearest")
    dashboard.set_yticks(range(len(labels)), labels, fontsize=6)
    dashboard.set_xlabel("universes, from the largest fall to the largest rise")
    return axes


def draw_bars(importance: pd.DataFrame, ax: Axes, outcome: str) -> Axes:
    """Draw the largest shares of the variance of one outcome, choices in one colour and pairs in another."""
    of = importance[(importance["outcome"] == outcome) & (importance["within"] == "all")].dropna(subset="share")
    of = of.sort_values("share", ascending=False).head(BARS)[::-1]
    names = of[["choice", "with_choice"]].fillna("").map(lambda key: key.split(".")[-1])
    labels = [f"{a} × {b}" if b else a for a, b in names.itertuples(index=False)]
    ax.barh(labels, 100 * of["share"], color=[SERIES[1] if "×" in label else SERIES[0] for label in labels])
    ax.set_title(WITHOUT_SCALE[outcome], fontsize=8)
    ax.tick_params(labelsize=6)
    ax.set_xlabel("% of the variance", fontsize=7)
    return ax


def figure_importance(importance: pd.DataFrame, simulated: bool = False) -> Figure:
    """Draw `draw_bars` of the main outcomes that the study has."""
    known = importance.dropna(subset="share")["outcome"].unique()
    names = [name for name in PANELS if name in known]
    figure = new_figure(10, 2.4 * max(1, -(-len(names) // 2)), simulated)
    panels = figure.subplots(max(1, -(-len(names) // 2)), 2, squeeze=False).ravel()
    for ax, name in zip(panels, names, strict=False):
        draw_bars(importance, ax, name)
    for ax in panels[len(names) :]:
        ax.set_axis_off()
    return figure


def draw_heat(
    universes: pd.DataFrame,
    outcomes: pd.DataFrame,
    ax: Axes,
    outcome: str,
    chosen: Sequence[str] | None,
    importance: pd.DataFrame,
) -> Axes:
    """Draw the mean of an outcome for every value of two choices; those of the largest shares unless two are chosen."""
    mains = importance[(importance["outcome"] == outcome) & importance["with_choice"].isna()]
    ranked = [axis for axis in mains.sort_values("share", ascending=False)["choice"] if axis in universes.columns]
    pair = list(chosen or [*ranked, *universes.columns[AXES_FROM:]])[:2]
    if len(set(pair)) < 2 or outcomes[outcome].isna().all():
        ax.set_axis_off()
        return ax
    table = universes.assign(value=outcomes[outcome]).pivot_table(index=pair[0], columns=pair[1], values="value")
    image = ax.imshow(table, cmap="cividis", alpha=0.5, aspect="auto")
    ax.set_xticks(range(table.shape[1]), [str(value) for value in table.columns])
    ax.set_yticks(range(table.shape[0]), [str(value) for value in table.index])
    ax.set(xlabel=pair[1], ylabel=pair[0], title=f"{WITHOUT_SCALE[outcome]}: mean over the other choices")
    for row, column in np.ndindex(table.shape):
        if np.isfinite(table.iloc[row, column]):
            ax.annotate(f"{table.iloc[row, column]:.2f}", (column, row), ha="center", va="center", fontsize=8)
    ax.figure.colorbar(image, ax=ax)
    return ax
