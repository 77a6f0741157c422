"""Section 2.7.2: Fig 6, V_HI of each reader against SPARCC: raw, truncated, logarithm."""

import numpy as np

from vhi.figures.agreement import draw_relation
from vhi.figures.style import new_figure, save_figure
from vhi.io.errors import tell_errors
from vhi.io.tables import read_table

tell_errors(snakemake.log[0])
relation = read_table(snakemake.input.relation)
values = read_table(snakemake.input["values"])
column = f"vhi_{snakemake.params.unit}"
readers = list(dict.fromkeys(relation["reader"]))

figure = new_figure(11, 4.1 * max(1, len(readers)), snakemake.params.simulated)
axes = figure.subplots(max(1, len(readers)), 3, squeeze=False)
for reader, row in zip(readers, axes, strict=False):
    points = values[values["reader"] == reader].dropna(subset=[column, "sparcc"])
    for (_, found), ax in zip(relation[relation["reader"] == reader].iterrows(), row, strict=True):
        shown = points[points[column] <= found["cut"]] if found["scale"] == "truncated" else points
        value = np.log1p(shown[column]) if found["scale"] == "log" else shown[column]
        title = {"raw": f"{reader}, raw", "truncated": "truncated", "log": "log(x + 1)"}[found["scale"]]
        draw_relation(shown.assign(value=value), found, ax, found["unit"], title, found["scale"] == "raw")
figure.supxlabel("orange: before treatment, blue: after. In brackets: 95 % confidence intervals", fontsize=8)
save_figure(figure, *snakemake.output)
