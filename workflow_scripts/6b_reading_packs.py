"""The reading room: make one reader's packs, and extend the key that links them to scans."""

from pathlib import Path

import pandas as pd

from vhi.cleaning.records import fingerprint
from vhi.io.errors import tell_errors
from vhi.io.files import replacing_folder
from vhi.io.images import check_same_grid, read_mask, read_scan, write_labels
from vhi.io.tables import write_table
from vhi.reading_room.blinding import current_rows, extended_key, sparcc_order
from vhi.reading_room.keys import KEY_COLUMNS, kept_file, key_file, read_key
from vhi.reading_room.pack_files import write_lists, write_pack
from vhi.reading_room.packs import pack_content, shown_on

tell_errors(snakemake.log[0])
params, inputs, reader = snakemake.params, snakemake.input, snakemake.wildcards.reader
template = {Path(path).name: Path(path).read_text(encoding="utf-8") for path in inputs.template}
files = dict(zip(params.scans, zip(inputs.stir, inputs.t1w, inputs.preliminary, strict=True), strict=True))

preliminary = {}
for scan, (_, _, path) in files.items():
    preliminary[scan] = read_mask(path, labels=(0, 1, 2), slice_axis=params.slice_axis)
hashes = {scan: fingerprint(image.volume) for scan, image in preliminary.items()}
wanted = [{"trial": trial, "scan": scan, "preliminary": hashes[scan]} for scan, trial in params.readings]
before = read_key(params.records, reader)
key = extended_key(before, wanted, params.seed, reader)
rows = current_rows(key, wanted)
for row in rows:
    kept = kept_file(params.records, row["preliminary"])
    if not kept.is_file():
        write_labels(kept, preliminary[row["scan"]].volume, like=preliminary[row["scan"]])
if key != before:  # the key before the packs: no pack is ever without its link
    write_table(key_file(params.records, reader), pd.DataFrame(key, columns=list(KEY_COLUMNS)))

with replacing_folder(Path(snakemake.output.packs).parent, Path(params.former)) as folder:
    for row in rows:
        stir_path, t1w_path, _ = files[row["scan"]]
        images = {"STIR": read_scan(stir_path, params.slice_axis), "preliminary": preliminary[row["scan"]]}
        images["T1W"] = shown_on(read_scan(t1w_path, params.slice_axis), images["STIR"])
        check_same_grid(images["preliminary"], images["STIR"])
        content = pack_content(images, row, params.connectivity, 1000 * params.pause_s, params.simulated)
        write_pack(folder, content, template, images, params.slice_axis)
    first = min(trial for _, trial in params.readings)
    sparcc = sparcc_order([row["code"] for row in rows if row["trial"] == first], params.seed, reader)
    write_lists(folder, [row["code"] for row in rows], sparcc, template["README.txt"])
Path(snakemake.output.packs).touch()  # packs that came out the same stay, and are up to date
write_table(snakemake.output.key, pd.DataFrame(rows, columns=list(KEY_COLUMNS)))
