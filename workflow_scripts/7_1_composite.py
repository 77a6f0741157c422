"""Section 2.7.1: each reading against the composites of manual and of mixed trials, each manual trial against the others."""

from vhi.cleaning.readings import readings_by_scan
from vhi.io.errors import tell_errors
from vhi.io.tables import write_table
from vhi.statistics.composites import composite_agreement, composite_table

tell_errors(snakemake.log[0])
params = snakemake.params
readings = readings_by_scan(params.readings, snakemake.input.masks, params.limit, params.slice_axis)
frame = composite_table(readings, params.votes)
write_table(snakemake.output.composite, frame)
write_table(snakemake.output.agreement, composite_agreement(frame))
