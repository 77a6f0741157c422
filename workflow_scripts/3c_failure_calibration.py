"""Step (iii): try networks on annotated scans, as they are and made abnormal; Dice beside what the networks say."""

import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.files import read_json
from vhi.io.tables import read_table, write_table
from vhi.region.abnormal import try_networks
from vhi.region.members import networks_of_folds, read_member
from vhi.region.training_files import annotated_images

tell_errors(snakemake.log[0])
params, source = snakemake.params, snakemake.input
trained = bool(source.get("folds"))
if trained:  # each scan by the networks of the fold that has not seen it
    selected, folds = read_json(source.selected), read_table(source.folds)
    validation = folds[folds["part"] == "validation"].set_index("subject")["fold"]
    full, weak = (networks_of_folds(paths, selected["setting"]) for paths in (source.networks, source.weak))
else:
    members = [read_member(path) for path in source.networks]

rows = []
for row, (t1w, mask) in zip(params.scans, annotated_images(source.scans, params.slice_axis), strict=True):
    fold = validation[row["subject"]] if trained else None
    if trained and fold not in full:  # its fold was not trained (training.tried_folds)
        continue
    networks = [list(full[fold].values())[-1]] if trained else members  # of several lengths the longest
    how = (params.seed, params.averaged, params.rounding, params.precision, params.threads)
    tried = try_networks(networks, t1w, mask, *how)
    for steps, network in weak.get(fold, {}).items() if trained else ():
        tried |= {f"after {steps} steps": try_networks([network], t1w, mask, *how, altered=False)["as it is"]}
    rows += [{**row, "version": version, "unseen": trained} | found for version, found in tried.items()]
write_table(snakemake.output[0], pd.DataFrame(rows))
