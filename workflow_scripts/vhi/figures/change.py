"""Figure of change under treatment: before and after, and change against change (paper, Fig 9)."""

import pandas as pd
from matplotlib.figure import Figure

from vhi.figures.response import draw_changes, draw_spaghetti
from vhi.figures.style import new_figure

NAMES = {"vhi": "$V_{HI}$", "sparcc": "SPARCC"}
UNITS = {"voxels": "voxels", "mm3": "mm$^3$", "score": "score"}


def figure_9(
    changes: pd.DataFrame,
    clinical: pd.DataFrame | None,
    regression: tuple[pd.DataFrame, pd.DataFrame] | None,
    rule: str,
    truncate: float,
    simulated: bool,
) -> Figure:
    """Draw values before and after treatment, and change against change, of the first reader in changes.tsv (the mean).

    `clinical` (``subject rule response``) parts responders by `rule` from the others. `regression`: the lines, and the influence
    of each patient on them; None without SPARCC. `truncate`: quantile of changes in V_HI which the truncated view shows.
    """
    reader = changes["reader"].iloc[0]
    changes = changes[changes["reader"] == reader]
    groups = {"all subjects": changes["subject"].unique()}
    if clinical is not None:
        of_rule = clinical[clinical["rule"] == rule].set_index("response")["subject"]
        groups = {
            f"clinical {name} ({rule})": of_rule[of_rule.index == response]
            for response, name in (("yes", "responders"), ("no", "non-responders"))
        }
    measures = list(changes.groupby("measure", sort=False))
    rows = len(measures) + (regression is not None)
    figure = new_figure(8.5, 3.6 * rows, simulated)
    axes = figure.subplots(rows, 2, squeeze=False)
    for row, (measure, of_measure) in zip(axes, measures, strict=False):
        top, unit = of_measure[["pre", "post"]].max().max(), UNITS[of_measure["unit"].iloc[0]]
        for ax, (title, subjects) in zip(row, groups.items(), strict=False):
            shown = of_measure[of_measure["subject"].isin(subjects)]
            draw_spaghetti(shown, ax, title, f"{NAMES[measure]} ({unit})", top)
        for ax in row[len(groups) :]:
            ax.set_axis_off()
    if regression is not None:
        fit, points = (table[table["reader"] == reader] for table in regression)
        unit = UNITS[changes.loc[changes["measure"] == "vhi", "unit"].iloc[0]]
        limit = float(points["change_vhi"].abs().quantile(truncate)) if len(points) else None
        for ax, title, up_to in zip(axes[-1], ("all changes", "truncated"), (None, limit or None), strict=True):
            draw_changes(points, fit.iloc[0], ax, title, unit, up_to)
    what = "mean of the readers" if reader == "mean" else f"reader {reader}"
    figure.supxlabel(f"{what}; improvement is a fall; no change does not count as improvement", fontsize=8)
    return figure
