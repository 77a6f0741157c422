"""The reading room: make the pages on which a reader scores SPARCC, in an order of their own."""

from pathlib import Path

from vhi.io.errors import tell_errors
from vhi.io.images import read_scan
from vhi.reading_room.packs import shown_on, shown_scan
from vhi.reading_room.task_pages import keyed, scan_fingerprint, write_task

tell_errors(snakemake.log[0])
params, inputs, axis, reader = (
    snakemake.params,
    snakemake.input,
    snakemake.params.slice_axis,
    snakemake.wildcards.reader,
)
template = {Path(path).name: Path(path).read_text(encoding="utf-8") for path in inputs.template}
files = {name: dict(zip(params.scans, inputs.get(name), strict=True)) for name in ("stir", "t1w")}
hashes = {scan: scan_fingerprint(read_scan(path, axis)) for scan, path in files["stir"].items()}
rows = keyed(params.records, f"{reader}_scoring", hashes, params.seed)

contents = {}
for row in rows:
    stir = read_scan(files["stir"][row["scan"]], axis)
    images = {"STIR": stir, "T1W": shown_on(read_scan(files["t1w"][row["scan"]], axis), stir)}
    contents[row["code"]] = shown_scan(images, row, **params.options)
listed, former = Path(snakemake.output.pages), Path(params.former) / "scoring"
write_task(listed, Path(snakemake.output.key), former, rows, contents, template)
