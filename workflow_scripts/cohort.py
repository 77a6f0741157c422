"""Sections 2.2 and 2.3: characteristics of the cohort, disease activity, flow of scans, and when scans were repeated."""

import pandas as pd

from vhi.io.errors import naming, tell_errors
from vhi.io.tables import read_table, write_table
from vhi.statistics.clinical import check_units, disease_activity
from vhi.statistics.cohort import characteristics, flow, repeat_window
from vhi.study.tables import read_study_table

tell_errors(snakemake.log[0])
source, params, out = snakemake.input, snakemake.params, snakemake.output
subjects = read_study_table(source.get("subjects") or None, "subjects")
clinical = read_study_table(source.get("clinical") or None, "clinical")
name = str(source.get("clinical") or "clinical.tsv")
check_units(clinical, name, params.low_crp)
with naming(name):
    activity = disease_activity(clinical)

scans = pd.DataFrame(params.scans)
stages = [column for column in scans if scans[column].dtype == bool]
if source.get("sparcc"):
    scored = read_table(source.sparcc).groupby("scan")["reader"].nunique()
    scans["SPARCC by all readers"] = scans["scan"].map(scored).fillna(0) == len(params.readers)
    stages.append("SPARCC by all readers")
names = list(dict.fromkeys(scans["subject"]))
followed = list(dict.fromkeys(scans.loc[scans["session"] == params.followed, "subject"]))

write_table(out.activity, activity)
write_table(out.characteristics, characteristics(subjects, activity, names, params.sessions).convert_dtypes())
write_table(out.flow, flow(scans, stages, params.sessions[0]))
window = repeat_window(clinical, subjects, followed, params.weeks, params.tolerance, params.followed)
write_table(out.window, window)
