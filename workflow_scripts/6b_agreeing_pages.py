"""The reading room: make the pages on which the differences of two readers are decided, those with most voxels first."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from vhi.cleaning.records import fingerprint
from vhi.io.errors import tell_errors
from vhi.io.images import check_same_grid, read_mask, read_scan, write_labels
from vhi.reading_room.agreeing import agreeing_content, compared
from vhi.reading_room.keys import kept_file
from vhi.reading_room.packs import shown_on
from vhi.reading_room.task_pages import keyed, write_task

tell_errors(snakemake.log[0])
params, inputs, axis = snakemake.params, snakemake.input, snakemake.params.slice_axis
template = {Path(path).name: Path(path).read_text(encoding="utf-8") for path in inputs.template}
files = {name: dict(zip(params.scans, inputs.get(name), strict=True)) for name in ("stir", "t1w", "first", "second")}

both = {}
for scan in params.scans:
    first, second = (read_mask(files[name][scan], (0, 1, 2), axis) for name in ("first", "second"))
    both[scan] = replace(first, volume=compared(first.volume, second.volume))
hashes = {scan: fingerprint(image.volume) for scan, image in both.items()}
rows = keyed(params.records, "agreeing", hashes, params.seed)
rows = sorted(rows, key=lambda row: -np.count_nonzero(both[row["scan"]].volume > 2))

contents = {}
for row in rows:
    scan = row["scan"]
    if not (kept := kept_file(params.records, row["preliminary"])).is_file():
        write_labels(kept, both[scan].volume, like=both[scan])
    images = {"STIR": read_scan(files["stir"][scan], axis), "both": both[scan]}
    images["T1W"] = shown_on(read_scan(files["t1w"][scan], axis), images["STIR"])
    check_same_grid(both[scan], images["STIR"])
    contents[row["code"]] = agreeing_content(images, row, params.connectivity, **params.options)
write_task(Path(snakemake.output.pages), Path(snakemake.output.key), Path(params.former), rows, contents, template)
