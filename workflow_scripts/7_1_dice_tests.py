"""Section 2.7.1: median Dice scores with intervals, and paired tests between manual and semi-automatic segmentation."""

from vhi.io.errors import tell_errors
from vhi.io.tables import read_table, write_table
from vhi.statistics.overlap_tables import medians_table, paired_tests

tell_errors(snakemake.log[0])
params = snakemake.params
overlap = read_table(snakemake.input.dice)
overlap["subject"] = overlap["scan"].map(params.subjects)
write_table(snakemake.output.medians, medians_table(overlap, params.draws, params.seed))
write_table(snakemake.output.tests, paired_tests(overlap, params.draws, params.seed))
