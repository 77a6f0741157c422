"""Section 2.7.2: SPARCC of every scan and reader, from component sheets or declared totals."""

import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.tables import write_table
from vhi.statistics.sparcc import sparcc_scores, with_made
from vhi.study.tables import read_study_table

tell_errors(snakemake.log[0])
source = snakemake.input
scores = read_study_table(source.get("scores") or None, "scores")
sheets = read_study_table(source.get("sheets") or None, "sparcc_sheets")
scores, sheets = with_made(scores, sheets, [read_study_table(path, "sparcc_sheets") for path in source.get("made", [])])
found = sparcc_scores(scores, sheets, str(source.get("scores") or ""), str(source.get("sheets") or ""))
about = pd.DataFrame(snakemake.params.scans)
write_table(snakemake.output[0], about.merge(found, on="scan", validate="one_to_many"))
