"""Figure of change under treatment: values over the visits, and change against change (paper, Fig 9)."""

import pandas as pd
from matplotlib.figure import Figure

from vhi.figures.response import draw_changes, draw_spaghetti
from vhi.figures.style import new_figure

NAMES = {"vhi": "$V_{HI}$", "sparcc": "SPARCC"}
UNITS = {"voxels": "voxels", "mm3": "mm$^3$", "score": "score"}


def values_by_visit(changes: pd.DataFrame, first: str) -> pd.DataFrame:
    """Put one reader's values of a measure side by side: a row per subject, a column per visit, `first` before the others."""
    later = changes.pivot(index="subject", columns="session", values="post")[list(dict.fromkeys(changes["session"]))]
    before = changes.groupby("subject")["pre"].first()
    return pd.concat([before.rename(first), later], axis=1).astype(float)


def figure_9(
    changes: pd.DataFrame,
    clinical: pd.DataFrame | None,
    regression: tuple[pd.DataFrame, pd.DataFrame] | None,
    rule: str,
    visits: tuple[str, str],
    truncate: float,
    simulated: bool,
) -> Figure:
    """Draw values over the visits, and change against change, of the first reader in changes.tsv (the mean).

    Parameters
    ----------
    changes : DataFrame
        Of `vhi.statistics.change.change_tables`.
    clinical : DataFrame, optional
        ``session subject rule response``: parts responders from the others.
    regression : tuple of DataFrame, optional
        The lines, and the influence of each patient on them; None without SPARCC.
    rule : str
        Of clinical response.
    visits : tuple of str
        The first visit, and the one whose change is the primary one.
    truncate : float
        Quantile of changes in V_HI which the truncated view shows.
    simulated : bool
    """
    first, primary = visits
    reader = changes["reader"].iloc[0]
    changes = changes[changes["reader"] == reader]
    groups = {"all subjects": changes["subject"].unique()}
    if clinical is not None:
        of_rule = clinical[(clinical["rule"] == rule) & (clinical["session"] == primary)]
        of_rule = of_rule.set_index("response")["subject"]
        groups = {
            f"clinical {name} ({rule})": of_rule[of_rule.index == response]
            for response, name in (("yes", "responders"), ("no", "non-responders"))
        }
    measures = list(changes.groupby("measure", sort=False))
    rows = len(measures) + (regression is not None)
    figure = new_figure(8.5, 3.6 * rows, simulated)
    axes = figure.subplots(rows, 2, squeeze=False)
    for row, (measure, of_measure) in zip(axes, measures, strict=False):
        values, unit = values_by_visit(of_measure, first), UNITS[of_measure["unit"].iloc[0]]
        directions = of_measure[of_measure["session"] == primary].set_index("subject")["direction"]
        for ax, (title, subjects) in zip(row, groups.items(), strict=False):
            shown = values[values.index.isin(subjects)]
            top = float(shown.max(axis=None)) if len(shown) else 1.0  # an axis of each group's own
            draw_spaghetti(shown, directions, ax, title, f"{NAMES[measure]} ({unit})", top, primary)
        for ax in row[len(groups) :]:
            ax.set_axis_off()
    if regression is not None:
        fit, points = (table[(table["reader"] == reader) & (table["session"] == primary)] for table in regression)
        unit = UNITS[changes.loc[changes["measure"] == "vhi", "unit"].iloc[0]]
        limit = float(points["change_vhi"].abs().quantile(truncate)) if len(points) else None
        for ax, title, up_to in zip(axes[-1], ("all changes", "truncated"), (None, limit or None), strict=True):
            draw_changes(points, fit.iloc[0], ax, title, unit, up_to)
    named = {"mean": "mean of the readers", "consensus": "consensus of two readers"}
    what = named.get(reader, f"reader {reader}")
    figure.supxlabel(f"{what}; improvement is a fall; no change does not count as improvement"
                    + ("; diamonds: Cook's distance > 4/n" if regression is not None else ""), fontsize=8)  # fmt: skip
    return figure
