"""The reading room: take in the consensus of a scan, which stands on the present masks of both readers."""

from vhi.cleaning.records import fingerprint
from vhi.io.errors import InputError, tell_errors
from vhi.io.images import check_same_grid, read_mask, write_labels
from vhi.reading_room.agreeing import compared

tell_errors(snakemake.log[0])
source, axis, scan = snakemake.input, snakemake.params.slice_axis, snakemake.wildcards.scan
first, second, agreed = (read_mask(source[name], (0, 1, 2), axis) for name in ("first", "second", "agreed"))
check_same_grid(agreed, first)
if fingerprint(compared(first.volume, second.volume)) != snakemake.params.of:
    raise InputError(
        f"{source.agreed}: the consensus of scan {scan} is stale, a reader's mask has changed since; agree on it again: "
        "make read TASK=agreeing"
    )
write_labels(snakemake.output[0], agreed.volume, like=agreed)
