"""Step (vi): take in what a reader handed in, a record or a mask, as a record, and apply it."""

from pathlib import Path

from vhi.cleaning.applying import apply_record
from vhi.cleaning.masks import REASON_LABELS, describe_cleaning, record_of_mask
from vhi.io.errors import InputError, naming, tell_errors
from vhi.io.files import write_json
from vhi.io.images import check_same_grid, read_mask, write_labels
from vhi.io.terminal import say
from vhi.reading_room.blinding import blind_image
from vhi.reading_room.intake import check_handed_in, read_record
from vhi.study.rows import read_schema

tell_errors(snakemake.log[0])
params, wildcards, path = snakemake.params, snakemake.wildcards, snakemake.input.cleaned
preliminary = read_mask(snakemake.input.preliminary, labels=(0, 1, 2), slice_axis=params.slice_axis)
who = f"{path} (scan {wildcards.scan}, reader {wildcards.reader})"

if path.endswith(".json"):
    record = read_record(path, read_schema(Path(snakemake.input.schema).parents[2], "record"))
    with naming(who):
        check_handed_in(record, preliminary.volume, params.key, params.slice_axis, params.connectivity)
else:
    mask = read_mask(path, labels=(0, 1, 2, *REASON_LABELS), slice_axis=params.slice_axis)
    try:
        check_same_grid(mask, preliminary)
    except InputError as error:
        try:
            check_same_grid(mask, blind_image(preliminary))  # the grid of the packs
        except InputError:
            raise error from None
    allowed = params.added_voxels, params.max_cut_share, params.max_added_share
    with naming(who):
        record = record_of_mask(mask.volume, preliminary.volume, params.connectivity, *allowed)
with naming(who):
    labels = apply_record(record, preliminary.volume, params.connectivity)
about = describe_cleaning(record, preliminary.volume, params.connectivity)
if about["added_voxels"]:
    say(f"{path}: {about['added_voxels']} voxels lie outside the preliminary segmentation; kept")
write_labels(snakemake.output.mask, labels, like=preliminary)
reading = {"scan": wildcards.scan, "reader": wildcards.reader, "trial": int(wildcards.trial)}
write_json(snakemake.output.about, reading | about)
write_json(snakemake.output.record, record)
