"""Section 2.7.3: do clinical response, V_HI and SPARCC agree on who responds, with all counts."""

import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.tables import read_table, write_table
from vhi.statistics.responders import judgements, responder_table

tell_errors(snakemake.log[0])
source = snakemake.input
changes, detectable = read_table(source.changes), read_table(source.detectable)
clinical = (
    read_table(source.clinical) if source.get("clinical") else pd.DataFrame(columns=["subject", "rule", "response"])
)
table = responder_table(judgements(changes, detectable), clinical, snakemake.params.rule)
write_table(snakemake.output[0], table)
