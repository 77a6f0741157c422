"""Section 2.7.1: median Dice scores with intervals, and paired tests between manual and semi-automatic segmentation."""

from vhi.io.errors import tell_errors
from vhi.io.tables import read_table, write_table
from vhi.statistics.overlap_tables import gain_table, medians_table, paired_tests

tell_errors(snakemake.log[0])
overlap = read_table(snakemake.input.dice)
overlap["subject"] = overlap["scan"].map(snakemake.params.subjects)
write_table(snakemake.output.medians, medians_table(overlap))
write_table(snakemake.output.tests, paired_tests(overlap))
write_table(snakemake.output.gain, gain_table(overlap))
