"""The reading room: make the pages on which the networks' disease regions are rated and corrected, flagged scans first."""

from pathlib import Path

from vhi.cleaning.records import fingerprint
from vhi.io.errors import tell_errors
from vhi.io.images import check_same_grid, read_mask, read_scan
from vhi.io.tables import read_table
from vhi.reading_room.packs import region_content, shown_on
from vhi.reading_room.task_pages import flagged_first, keyed, write_task

tell_errors(snakemake.log[0])
params, inputs, axis = snakemake.params, snakemake.input, snakemake.params.slice_axis
template = {Path(path).name: Path(path).read_text(encoding="utf-8") for path in inputs.template}
names = ("stir", "t1w", "region", "probability")
files = {name: dict(zip(params.scans, inputs.get(name), strict=True)) for name in names}
hashes = {scan: fingerprint(read_mask(path, slice_axis=axis).volume) for scan, path in files["region"].items()}
rows = flagged_first(keyed(params.records, "region", hashes, params.seed), read_table(inputs.quality))

contents = {}
for row in rows:
    scan = row["scan"]
    images = {"T1W": read_scan(files["t1w"][scan], axis), "region": read_mask(files["region"][scan], slice_axis=axis)}
    images["STIR"] = shown_on(read_scan(files["stir"][scan], axis), images["T1W"])
    images["probability"] = read_mask(files["probability"][scan], tuple(range(101)), axis)
    for image in images.values():
        check_same_grid(image, images["T1W"])
    contents[row["code"]] = region_content(images, row, scan in params.t1w_alone, **params.options)
write_task(Path(snakemake.output.pages), Path(snakemake.output.key), Path(params.former), rows, contents, template)
