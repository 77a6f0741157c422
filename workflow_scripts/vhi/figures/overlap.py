"""Figures of overlap and of the composite references (paper, Figs 4 and 5)."""

import pandas as pd
from matplotlib.figure import Figure

from vhi.figures.agreement import draw_differences, draw_unity
from vhi.figures.style import draw_dice, new_figure
from vhi.io.tables import TAKEN_AS


def figure_4(dice: pd.DataFrame, simulated: bool) -> Figure:
    """Draw the Dice scores of dice.tsv, within and between readers."""
    frame = dice[dice["b"] != "preliminary"]
    same_reader = frame["a"].str.split(".").str[0] == frame["b"].str.split(".").str[0]
    manual, cleaned = frame["method"] == "manual", frame["method"] == "semiautomatic"
    panels = {
        "a  manual, within readers": frame[manual & same_reader],
        "b  manual, between readers": frame[manual & ~same_reader],
        "c  cleaned, between readers": frame[cleaned & ~same_reader],
    }
    figure = new_figure(11, 4, simulated)
    widths = [max(2.2, len(panel[["a", "b"]].drop_duplicates())) for panel in panels.values()]
    for ax, (title, panel) in zip(figure.subplots(1, 3, width_ratios=widths), panels.items(), strict=True):
        draw_dice(panel, ax, title)
    if frame.loc[cleaned, "source"].eq("published table").any():
        figure.supxlabel("Cleaned masks are not public: panel c shows the published Dice scores.", fontsize=8)
    return figure


def figure_5(table: pd.DataFrame, agreement: pd.DataFrame, simulated: bool) -> Figure:
    """Draw V_HI of each reader against the composites and against each other, with limits of agreement.

    `table` and `agreement` are those of `vhi.statistics.composites`.
    """
    cleaned = table[(table["method"] == "semiautomatic") & (table["trial"] == "1")]
    agreement = agreement[agreement["n"] > 0]
    composites = list(agreement.groupby("composite", sort=False)) or [("", agreement)]
    columns = max(1, *(len(pairs) for _, pairs in composites))
    figure = new_figure(4 * columns, 7 * len(composites), simulated)
    axes = figure.subplots(2 * len(composites), columns, squeeze=False)
    for place, (name, pairs) in enumerate(composites):
        of_composite = cleaned[cleaned["composite"] == name]
        voxels = of_composite.pivot(index="scan", columns="reader", values="vhi_voxels")
        first = of_composite.drop_duplicates("scan").set_index("scan").loc[voxels.index]
        voxels["composite"] = first["composite_voxels"]
        panels = axes[2 * place : 2 * place + 2]
        for (_, pair), (above, below) in zip(pairs.iterrows(), panels.T, strict=False):
            points = voxels.assign(value_a=voxels[pair["a"]], value_b=voxels[pair["b"]], session=first["session"])
            names = [f"composite ({name})" if of == "composite" else of for of in (pair["a"], pair["b"])]
            limits = {
                key: (pair[f"{key}_voxels"], pair[f"{key}_ci_low"], pair[f"{key}_ci_high"])
                for key in ("bias", "lower_limit", "upper_limit")
            }
            draw_unity(points, above, *names, "voxels")
            draw_differences(points, limits, below, *names, "voxels")
        for ax in panels[:, len(pairs) :].flat:
            ax.set_axis_off()
    if agreement.empty:
        axes[0, 0].set_title("no cleaned readings at this limit")
    note = f"orange: before treatment, blue: after; bias and limits {TAKEN_AS['paper']}; bars on the right: 95 % confidence intervals"
    if cleaned["source"].eq("published count").any():
        note += ". Cleaned masks are not public: V_HI is the published count."
    if table["source"].eq("not public").any():
        note += "\nThe composite of two manual and two semi-automatic trials needs them too."
    figure.supxlabel(note, fontsize=8)
    return figure
