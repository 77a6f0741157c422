"""Section 2.7.4: a page of overlays for every scan on which two readers differ (as S3 Fig)."""

from pathlib import Path

from vhi.figures.disagreement import disagreement_page
from vhi.figures.style import save_figure
from vhi.io.errors import tell_errors
from vhi.io.images import read_mask, read_scan
from vhi.io.tables import read_table

tell_errors(snakemake.log[0])
source, params = snakemake.input, snakemake.params
folder = Path(snakemake.output[0])
folder.mkdir(parents=True)
kept = dict(zip(map(tuple, params.kept), source.masks, strict=True))
scans = {scan: path for (scan, _), path in zip(kept, source.stir, strict=True)}
found, causes = read_table(source.differences), read_table(source.causes)
for row in found[found["discrepant"] == "yes"].to_dict("records"):
    scan, readers = row["scan"], row["readers"]
    paths = [kept.get((scan, reader)) for reader in readers.split("-")]
    if all(paths):  # published counts have no masks
        stir = read_scan(scans[scan], params.slice_axis)
        masks = [read_mask(path, (0, 1, 2), params.slice_axis).volume for path in paths]
        of_scan = causes[(causes["scan"] == scan) & (causes["readers"] == readers)]
        figure = disagreement_page(row, stir, masks, of_scan, params.unit, params.simulated)
        save_figure(figure, *(folder / f"{scan}_{readers}.{kind}" for kind in ("png", "svg")))
