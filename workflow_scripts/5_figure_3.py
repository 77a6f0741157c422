"""Fig 3, examples of the workflow's output, and Fig 8, a subject before and after treatment."""

from pathlib import Path

from vhi.figures.scans import draw_examples
from vhi.figures.style import save_figure
from vhi.io.errors import tell_errors
from vhi.io.images import read_mask, read_scan
from vhi.io.tables import read_table

tell_errors(snakemake.log[0])
source, params = snakemake.input, snakemake.params
examples = read_table(source.examples)
figure = Path(snakemake.output[0]).stem.removeprefix("figure_")
chosen = examples[examples["figure"].astype(str) == figure]
rows = []
for name in chosen["scan"]:
    place = params.scans.index(name)
    stir = read_scan(source.stir[place], params.slice_axis)
    row = {"name": name, "session": params.sessions[name], "stir": stir.volume, "spacing": stir.spacing_mm[1:]}
    row["voxel_mm3"] = stir.voxel_mm3
    row["preliminary"] = read_mask(source.preliminary[place], (0, 1, 2), params.slice_axis).volume
    row["region"] = read_mask(source.region[place], slice_axis=params.slice_axis).volume
    if name in params.cleaned:
        path = source.cleaned[list(params.cleaned).index(name)]
        row |= {"cleaned": read_mask(path, (0, 1, 2), params.slice_axis).volume, "reader": params.cleaned[name]}
    rows.append(row)
save_figure(draw_examples(rows, figure == "8", params.vhi, params.simulated), *snakemake.output)
