"""Section 2.7.1: median Dice scores with intervals, and paired tests between manual and semi-automatic segmentation."""

from vhi.io.errors import tell_errors
from vhi.io.tables import read_table, write_table
from vhi.statistics.coverage import with_coverage
from vhi.statistics.overlap_tables import gain_table, medians_table, paired_tests

tell_errors(snakemake.log[0])
overlap = read_table(snakemake.input.dice)
overlap["subject"] = overlap["scan"].map(snakemake.params.subjects)
coverage = read_table(snakemake.input.coverage)
for name, table in (("medians", medians_table), ("tests", paired_tests), ("gain", gain_table)):
    write_table(snakemake.output[name], with_coverage(name, table(overlap), coverage))
