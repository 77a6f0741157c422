"""Step (i): train a network that proposes normal marrow on STIR, on the drawn patches of one fold."""

from vhi.io.errors import tell_errors
from vhi.io.tables import read_table
from vhi.marrow.proposal import network_config, shrunk
from vhi.region.training_files import read_annotated, train_to_files, trainer_of

tell_errors(snakemake.log[0])
params, fold = snakemake.params, int(snakemake.wildcards.fold)
folds = read_table(snakemake.input.folds)
train = set(folds.loc[(folds["fold"] == fold) & (folds["part"] == "train"), "subject"].astype(str))
scans = read_annotated(snakemake.input.scans, params.slice_axis)
seen = [
    (shrunk(stir), shrunk(patch) > 0.5)
    for row, (stir, patch) in zip(params.scans, scans, strict=True)
    if row["subject"] in train
]

config = network_config(params.seed + fold, params.threads, params.steps)
train_to_files(
    trainer_of(config, seen),
    {config.steps: snakemake.output.weights},
    snakemake.output.progress,
    f"normal marrow, fold {fold}",
)
