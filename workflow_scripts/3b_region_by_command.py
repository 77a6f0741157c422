"""Step (iii): disease region of a scan by a program of the user's, checked like a drawn one."""

import tempfile

from vhi.io.errors import InputError, tell_errors
from vhi.io.images import check_same_grid, read_mask, read_scan, write_labels
from vhi.region.by_command import region_by_command

tell_errors(snakemake.log[0])
params = snakemake.params
t1w = read_scan(snakemake.input.t1w, params.slice_axis)
with tempfile.TemporaryDirectory() as folder:
    region = read_mask(region_by_command(params.command, snakemake.input.t1w, folder), slice_axis=params.slice_axis)
    try:
        check_same_grid(region, t1w)
    except InputError as error:
        raise InputError(f"mask of {t1w.path} by disease_region.command: {error}") from error
    write_labels(snakemake.output[0], region.volume, like=t1w)
