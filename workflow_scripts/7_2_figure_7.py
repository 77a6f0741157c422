"""Section 2.7.2: Fig 7, the readers against each other in V_HI and SPARCC: raw, truncated, logarithm."""

from vhi.figures.agreement import draw_differences, draw_unity
from vhi.figures.style import new_figure, save_figure
from vhi.io.errors import tell_errors
from vhi.io.tables import TAKEN_AS, read_table

METHOD = "clustered"  # of limits.tsv

tell_errors(snakemake.log[0])
pairs, limits = read_table(snakemake.input.pairs), read_table(snakemake.input.limits)
limits = limits[limits["method"] == METHOD]
rows = list(pairs.groupby(["measure", "a", "b"], sort=False))

figure = new_figure(11, 3.1 * max(1, 2 * len(rows)), snakemake.params.simulated)
axes = figure.subplots(max(1, 2 * len(rows)), 3, squeeze=False)
for place, ((measure, a, b), of_pair) in enumerate(rows):
    name = "$V_{HI}$" if measure == "V_HI" else measure
    keys = (limits["measure"] == measure) & (limits["a"] == a) & (limits["b"] == b)
    for column, (scale, points) in enumerate(of_pair.groupby("scale", sort=False)):
        unit, cut = points["unit"].iloc[0], points["cut"].iloc[0]
        found = limits[keys & (limits["scale"] == scale)].set_index("quantity")[["estimate", "ci_low", "ci_high"]]
        above, below = axes[2 * place, column], axes[2 * place + 1, column]
        draw_unity(points, above, a, b, unit, cut if scale == "raw" else None)
        above.set_title(f"{name}, {scale if scale != 'log' else 'log(x + 1)'} (n = {len(points)} scans)")
        draw_differences(points, {key: tuple(row) for key, row in found.iterrows()}, below, a, b, unit)
if not rows:
    axes[0, 0].set_title("agreement needs two readers")
figure.supxlabel(
    f"orange: before treatment, blue: after; bias and limits {TAKEN_AS[METHOD]}; bars on the right: their 95 % confidence intervals",
    fontsize=8,
)
save_figure(figure, *snakemake.output)
