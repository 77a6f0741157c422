"""Section 2.7.4: which scans the readers differ on, why, as judged and as it truly is, and the sheet to judge them."""

import sys

from vhi.io.errors import tell_errors
from vhi.io.tables import read_table, write_table
from vhi.simulation.disease import Reason
from vhi.simulation.readers import ERROR_KIND
from vhi.statistics.disagreement import causes_table, differences, sheet, tally, with_true_kind
from vhi.statistics.values import first_cleanings
from vhi.study.tables import read_study_table

tell_errors(snakemake.log[0])
source, params, out = snakemake.input, snakemake.params, snakemake.output
read = first_cleanings(read_table(source.measurements))
found = differences(read.assign(value=read[f"vhi_{params.unit}"].astype(float)), params.readers)
write_table(out.differences, found)
classified = read_study_table(source.get("failures") or None, "failures")
judged = sheet(found, classified)
write_table(out.sheet, judged)
for row in classified[~classified["scan"].isin(judged["scan"])].to_dict("records"):
    print(f"failures.tsv: scan {row['scan']} is classified, but {row['readers']} do not differ on it", file=sys.stderr)

kept = dict(zip(map(tuple, params.kept), source.masks, strict=True))
truth = dict(zip(params.scans, source.truth, strict=False))  # empty where the scans are real
causes = causes_table(judged, kept, truth, ERROR_KIND, {int(reason): reason.name.lower() for reason in Reason})
write_table(out.causes, causes)
judged = with_true_kind(judged, causes)
write_table(out.judged, judged)
write_table(out.tally, tally(found, judged))
