"""Section 2.7.1: Fig 5, V_HI of each reader against the composite references."""

from vhi.figures.agreement import draw_differences, draw_unity
from vhi.figures.style import new_figure, save_figure
from vhi.io.errors import tell_errors
from vhi.io.tables import TAKEN_AS, read_table

tell_errors(snakemake.log[0])
table, agreement = read_table(snakemake.input.composite), read_table(snakemake.input.agreement)
cleaned = table[(table["method"] == "semiautomatic") & (table["trial"] == "1")]
agreement = agreement[agreement["n"] > 0]
composites = list(agreement.groupby("composite", sort=False)) or [("", agreement)]
columns = max(1, *(len(pairs) for _, pairs in composites))

figure = new_figure(4 * columns, 7 * len(composites), snakemake.params.simulated)
axes = figure.subplots(2 * len(composites), columns, squeeze=False)
for place, (name, pairs) in enumerate(composites):
    of_composite = cleaned[cleaned["composite"] == name]
    voxels = of_composite.pivot(index="scan", columns="reader", values="vhi_voxels")
    first = of_composite.drop_duplicates("scan").set_index("scan").loc[voxels.index]
    voxels["composite"] = first["composite_voxels"]
    for (_, pair), (above, below) in zip(pairs.iterrows(), axes[2 * place : 2 * place + 2].T, strict=False):
        a, b = pair["a"], pair["b"]
        points = voxels.assign(value_a=voxels[a], value_b=voxels[b], session=first["session"])
        names = [f"composite ({name})" if of == "composite" else of for of in (a, b)]
        limits = {
            key: (pair[f"{key}_voxels"], pair[f"{key}_ci_low"], pair[f"{key}_ci_high"])
            for key in ("bias", "lower_limit", "upper_limit")
        }
        draw_unity(points, above, *names, "voxels")
        draw_differences(points, limits, below, *names, "voxels")
    for ax in axes[2 * place : 2 * place + 2, len(pairs) :].flat:
        ax.set_axis_off()
if agreement.empty:
    axes[0, 0].set_title("no cleaned readings at this limit")
note = f"orange: before treatment, blue: after; bias and limits {TAKEN_AS['paper']}; bars on the right: 95 % confidence intervals"
if cleaned["source"].eq("published count").any():
    note += ". Cleaned masks are not public: V_HI is the published count."
if table["source"].eq("not public").any():
    note += "\nThe composite of two manual and two semi-automatic trials needs them too."
figure.supxlabel(note, fontsize=8)
save_figure(figure, *snakemake.output)
