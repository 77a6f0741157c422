"""Segment the disease region of a test scan by the networks that were trained without it, for Fig 2."""

from vhi.io.errors import tell_errors
from vhi.io.images import read_scan, write_labels
from vhi.region.ensemble import average, predict, rounded
from vhi.region.members import read_ensemble

tell_errors(snakemake.log[0])
params = snakemake.params
t1w = read_scan(snakemake.input.t1w, params.slice_axis)
members = read_ensemble(snakemake.input.members)
found = predict(members, t1w.volume, params.precision, params.threads, **params.averaged)
write_labels(snakemake.output[0], rounded(average(found), **params.rounding), like=t1w)
