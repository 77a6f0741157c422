"""Section 2.7.1: Fig 5, V_HI of each reader against the composite of the manual trials."""

from vhi.errors import tell_errors
from vhi.figures import POST, PRE, draw_bland_altman, draw_unity, new_figure, save_figure
from vhi.tables import read_table

tell_errors(snakemake.log[0])
composite, agreement = read_table(snakemake.input.composite), read_table(snakemake.input.agreement)
cleaned = composite[(composite["method"] == "semiautomatic") & (composite["trial"] == "1")]
voxels = cleaned.pivot(index="scan", columns="reader", values="vhi_voxels")
first = cleaned.drop_duplicates("scan").set_index("scan").loc[voxels.index]
voxels["composite"] = first["composite_voxels"]
colours = first["session"].map({"pre": PRE, "post": POST}).tolist()

figure = new_figure(4 * max(1, len(agreement)), 7, snakemake.params.simulated)
axes = figure.subplots(2, max(1, len(agreement)), squeeze=False)
for (_, pair), (above, below) in zip(agreement.iterrows(), axes.T, strict=False):
    a, b = pair["a"], pair["b"]
    draw_unity(voxels[a], voxels[b], above, a, b, colours)
    draw_bland_altman(voxels[a], voxels[b], pair, below, a, b, colours)
if agreement.empty:
    axes[0, 0].set_title("no cleaned readings at this limit")
note = "red: before treatment, blue: after"
if cleaned["source"].eq("published count").any():
    note += ". Cleaned masks are not public: V_HI is the published count."
figure.supxlabel(note, fontsize=8)
save_figure(figure, *snakemake.output)
