"""The reading room: make the pages on which normal marrow is drawn."""

from pathlib import Path

from vhi.io.errors import tell_errors
from vhi.io.images import check_same_grid, read_mask, read_scan
from vhi.reading_room.packs import marrow_content, shown_on
from vhi.reading_room.task_pages import keyed, scan_fingerprint, write_task

tell_errors(snakemake.log[0])
params, inputs, axis = snakemake.params, snakemake.input, snakemake.params.slice_axis
template = {Path(path).name: Path(path).read_text(encoding="utf-8") for path in inputs.template}
files = {name: dict(zip(params.scans, inputs.get(name), strict=True)) for name in ("stir", "t1w", "limits")}
masks = {"region": params.with_region, "proposal": params.with_proposal}
masks = {name: dict(zip(scans, inputs.get(name), strict=True)) for name, scans in masks.items()}
hashes = {scan: scan_fingerprint(read_scan(path, axis)) for scan, path in files["stir"].items()}
rows = keyed(params.records, "marrow", hashes, params.seed)

contents = {}
for row in rows:
    scan = row["scan"]
    images = {"STIR": read_scan(files["stir"][scan], axis), "limits": read_scan(files["limits"][scan], axis)}
    images["T1W"] = shown_on(read_scan(files["t1w"][scan], axis), images["STIR"])
    images |= {name: read_mask(of[scan], slice_axis=axis) for name, of in masks.items() if scan in of}
    for image in images.values():
        check_same_grid(image, images["STIR"])
    contents[row["code"]] = marrow_content(images, row, params.settings, **params.options)
write_task(Path(snakemake.output.pages), Path(snakemake.output.key), Path(params.former), rows, contents, template)
