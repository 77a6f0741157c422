"""Section 2.7.1: median Dice scores with intervals, and paired tests between manual and semi-automatic segmentation."""

from vhi.errors import tell_errors
from vhi.overlap_tables import medians_table, paired_tests
from vhi.tables import read_table, write_table

tell_errors(snakemake.log[0])
params = snakemake.params
overlap = read_table(snakemake.input.dice)
overlap["subject"] = overlap["scan"].map(params.subjects)
write_table(snakemake.output.medians, medians_table(overlap, params.draws, params.seed))
write_table(snakemake.output.tests, paired_tests(overlap, params.draws, params.seed))
