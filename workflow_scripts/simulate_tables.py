"""Step 0: simulate the clinical table from the truth, and put the SPARCC sheets together."""

import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.files import read_json
from vhi.io.tables import read_table, write_table
from vhi.simulation.cohort import scores_table
from vhi.simulation.patients import clinical_table

tell_errors(snakemake.log[0])
source, out = snakemake.input, snakemake.output
truth = {found["scan"]: found["true_mm3"] for found in map(read_json, source.truth)}
clinical = clinical_table(read_table(source.subjects), truth, snakemake.params.simulation["seed"])
sheets = pd.concat([read_table(path) for path in source.sheets])
write_table(out.clinical, clinical)
write_table(out.sheets, sheets)
write_table(out.scores, scores_table(sheets))
