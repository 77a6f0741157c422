"""Section 2.7.3: Fig 9, values before and after treatment, and change against change."""

from vhi.figures.response import draw_changes, draw_spaghetti
from vhi.figures.style import new_figure, save_figure
from vhi.io.errors import tell_errors
from vhi.io.tables import read_table

tell_errors(snakemake.log[0])
source, params = snakemake.input, snakemake.params
changes = read_table(source.changes)
reader = changes["reader"].iloc[0]  # the mean of the readers, where there are several
changes = changes[changes["reader"] == reader]
groups = {"all subjects": changes["subject"].unique()}
if source.get("clinical"):
    clinical = read_table(source.clinical)
    clinical = clinical[clinical["rule"] == params.rule]
    groups = {
        f"clinical {name} ({params.rule})": clinical.loc[clinical["response"] == response, "subject"]
        for response, name in (("yes", "responders"), ("no", "non-responders"))
    }

printed = {"voxels": "voxels", "mm3": "mm$^3$", "score": "score"}
units = {measure: printed[unit] for measure, unit in zip(changes["measure"], changes["unit"], strict=True)}
names = {"vhi": "$V_{HI}$", "sparcc": "SPARCC"}
measures = list(units)
third = bool(source.get("regression"))
figure = new_figure(8.5, 3.6 * (len(measures) + third), params.simulated)
axes = figure.subplots(len(measures) + third, 2, squeeze=False)
for row, measure in zip(axes, measures, strict=False):
    of_measure = changes[changes["measure"] == measure]
    top = of_measure[["pre", "post"]].max().max()
    for ax, (title, subjects) in zip(row, groups.items(), strict=False):
        draw_spaghetti(
            of_measure[of_measure["subject"].isin(subjects)], ax, title, f"{names[measure]} ({units[measure]})", top
        )
    for ax in row[len(groups) :]:
        ax.set_axis_off()
if third:
    fits, single = read_table(source.regression), read_table(source.influence)
    fit = fits[fits["reader"] == reader].iloc[0]
    points = single[single["reader"] == reader]
    draw_changes(points, fit, axes[-1, 0], "all changes", units["vhi"])
    limit = float(points["change_vhi"].abs().quantile(params.truncate)) if len(points) else None
    draw_changes(points, fit, axes[-1, 1], "truncated", units["vhi"], limit or None)
what = "mean of the readers" if reader == "mean" else f"reader {reader}"
figure.supxlabel(f"{what}; improvement is a fall, a tie is none", fontsize=8)
save_figure(figure, *snakemake.output)
