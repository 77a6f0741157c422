"""Section 2.3: clinical response of every subject by named rules, and how many respond by each."""

from vhi.io.errors import tell_errors
from vhi.io.tables import write_table
from vhi.statistics.clinical import check_units
from vhi.statistics.response import clinical_response, response_counts
from vhi.study.tables import read_study_table

tell_errors(snakemake.log[0])
source, params = snakemake.input, snakemake.params
clinical = read_study_table(source.clinical, "clinical")
check_units(clinical, source.clinical, params.low_crp)
judged = clinical_response(clinical, params.subjects, params.asdas, sessions=params.sessions)
write_table(snakemake.output.response, judged)
write_table(snakemake.output.counts, response_counts(judged))
