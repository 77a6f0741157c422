"""Section 2.7.4: which scans the readers differ on, why, as judged and as it truly is, and the sheet to judge them."""

import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.images import read_stored
from vhi.io.tables import read_table, write_table
from vhi.io.terminal import say
from vhi.simulation.disease import Reason
from vhi.simulation.readers import ERROR_KIND
from vhi.statistics.disagreement import SHEET, differences, main_kind, sheet, tally, true_causes
from vhi.statistics.values import first_cleanings
from vhi.study.tables import read_study_table

NAMES = {int(reason): reason.name.lower() for reason in Reason}

tell_errors(snakemake.log[0])
source, params, out = snakemake.input, snakemake.params, snakemake.output
kept = dict(zip(map(tuple, params.kept), source.masks, strict=True))
truth = dict(zip(params.scans, source.truth, strict=False))  # empty where the scans are real
read = first_cleanings(read_table(source.measurements))
found = differences(read.assign(value=read[f"vhi_{params.unit}"].astype(float)), params.readers)
write_table(out.differences, found)

classified = read_study_table(source.get("judged") or None, "disagreements")
judged = sheet(found, classified)
write_table(out.sheet, judged)
for row in classified[~classified["scan"].isin(judged["scan"])].to_dict("records"):
    say(f"disagreements.tsv: scan {row['scan']} is classified, but {row['readers']} do not differ on it")

causes = []
for scan, readers in zip(judged["scan"], judged["readers"], strict=True):
    places = [(scan, name) for name in readers.split("-")]
    if scan not in truth or not all(place in kept for place in places):
        continue
    masks = [read_stored(kept[place]) > 0 for place in places]
    of_scan = true_causes(*masks, read_stored(truth[scan]), ERROR_KIND, NAMES)
    causes.append(of_scan.assign(scan=scan, readers=readers))
columns = ["scan", "readers", "reason", "kind", "first_only_voxels", "second_only_voxels"]
table = pd.concat(causes)[columns] if causes else pd.DataFrame(columns=columns)
write_table(out.causes, table)

main = {key: main_kind(part) for key, part in table.groupby(["scan", "readers"])}
judged["true_kind"] = [main.get(key) for key in zip(judged["scan"], judged["readers"], strict=True)]
write_table(out.judged, judged[["scan", "readers", "kind", "true_kind", *SHEET[3:]]])
write_table(out.tally, tally(found, judged))
