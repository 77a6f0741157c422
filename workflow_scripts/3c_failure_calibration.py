"""Step (iii): try networks on annotated scans, as they are and made abnormal; Dice beside what the networks say."""

import sys
from pathlib import Path

import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.files import read_json
from vhi.io.tables import read_table, write_table
from vhi.region.abnormal import try_networks
from vhi.region.members import read_member
from vhi.region.training_files import annotated_images

tell_errors(snakemake.log[0])
params, source = snakemake.params, snakemake.input
trained = bool(source.get("folds"))
if trained:  # each scan by the network of the fold that has not seen it
    selected, folds = read_json(source.selected), read_table(source.folds)
    network = {
        int(Path(path).parts[-3].removeprefix("fold-")): [read_member(path)]
        for path in source.networks
        if Path(path).parts[-4] == selected["setting"]
    }  # of several lengths the last, which is the longest
    validation = folds[folds["part"] == "validation"].set_index("subject")["fold"]
else:
    members = [read_member(path) for path in source.networks]

rows = []
for row, (t1w, mask) in zip(params.scans, annotated_images(source.scans, params.slice_axis), strict=True):
    networks = network.get(validation[row["subject"]]) if trained else members
    if not networks:  # its fold was not trained (training.tried_folds)
        continue
    tried = try_networks(
        networks, t1w, mask, params.seed, params.averaged, params.rounding, params.precision, params.threads
    )
    rows += [{**row, "version": version, "unseen": trained} | found for version, found in tried.items()]
    print(f"scan {row['scan']}: Dice {tried['as it is']['dice']:.3f} as it is", file=sys.stderr, flush=True)
write_table(snakemake.output[0], pd.DataFrame(rows))
