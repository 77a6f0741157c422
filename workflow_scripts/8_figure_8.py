"""Fig 8: a subject before and after treatment."""

from vhi.errors import tell_errors
from vhi.figures import save_figure
from vhi.figures_scans import draw_examples
from vhi.images import read_mask, read_scan
from vhi.tables import read_table

tell_errors(snakemake.log[0])
source, params = snakemake.input, snakemake.params
examples = read_table(source.examples)
chosen = examples[examples["figure"].astype(str) == params.figure]
rows = []
for name in chosen["scan"]:
    place = params.scans.index(name)
    stir = read_scan(source.stir[place], params.slice_axis)
    row = {"name": name, "session": params.sessions[name], "stir": stir.volume, "spacing": stir.spacing_mm[1:]}
    row["preliminary"] = read_mask(source.preliminary[place], (0, 1, 2), params.slice_axis).volume
    row["region"] = read_mask(source.region[place], slice_axis=params.slice_axis).volume
    if name in params.cleaned:
        path = source.cleaned[list(params.cleaned).index(name)]
        row |= {"cleaned": read_mask(path, (0, 1, 2), params.slice_axis).volume, "reader": params.cleaned[name]}
    rows.append(row)
save_figure(draw_examples(rows, params.figure == "8", params.vhi, params.simulated), *snakemake.output)
