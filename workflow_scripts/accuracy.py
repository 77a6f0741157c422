"""Section 7.5: V_HI of every cleaned reading against the truth, and what the error is made of."""

import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.files import read_json
from vhi.io.images import read_stored
from vhi.io.tables import write_table
from vhi.simulation.accuracy import account, error_by_cut

tell_errors(snakemake.log[0])
source, params = snakemake.input, snakemake.params
places = {row["scan"]: number for number, row in enumerate(params.scans)}
accuracy, sources = [], []
for reading, path in zip(params.readings, source.cleaned, strict=True):
    place = places[reading["scan"]]
    part = {name: read_stored(source[name][place]) for name in ("preliminary", "region", "inflammation", "reason")}
    truth, cleaned = part["inflammation"] > 0, read_stored(path) > 0
    errors = account(part["preliminary"] > 0, cleaned, part["region"] > 0, truth, part["reason"])
    about = reading | {key: params.scans[place][key] for key in ("subject", "session")}
    accuracy.append(about | {"true_voxels": int(truth.sum()), "vhi_voxels": int(cleaned.sum())})
    sources.append(errors.assign(**reading))
table = pd.DataFrame(accuracy)
table["error_voxels"] = table["vhi_voxels"] - table["true_voxels"]
write_table(snakemake.output.accuracy, table)
truths = {truth["scan"]: truth["true_voxels_by_cut"] for truth in map(read_json, source.truth)}
write_table(snakemake.output.cuts, error_by_cut(table, truths))
columns = ["scan", "reader", "trial", "source", "step", "voxels"]
write_table(snakemake.output.sources, pd.concat(sources)[columns])
