"""Section 2.7.3: do clinical response, V_HI and SPARCC agree on who responds, with all counts."""

import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.tables import read_table, write_table
from vhi.statistics.coverage import with_coverage
from vhi.statistics.visits import responders_by_visit

tell_errors(snakemake.log[0])
source, params = snakemake.input, snakemake.params
changes, detectable, errors = (read_table(source[name]) for name in ("changes", "detectable", "errors"))
clinical = pd.DataFrame(columns=["session", "subject", "rule", "response"])
if source.get("clinical"):
    clinical = read_table(source.clinical)
chosen = params.rule, params.session, params.reader
table = responders_by_visit(changes, detectable, errors, clinical, chosen, params.arms)
write_table(snakemake.output[0], with_coverage("responders", table, read_table(source.coverage)))
