"""Step (iii): put the published learning curves of the four folds into one table."""

import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.tables import write_table
from vhi.study.published import read_published

tell_errors(snakemake.log[0])
folds = []
for fold, (loss, dice) in enumerate(
    zip(snakemake.input.loss, snakemake.input.dice, strict=True), 1
):  # partitions 1 to 4
    curves = pd.concat(
        [
            read_published(loss, ["training_loss", "validation_loss"]),
            read_published(dice, ["training_dice", "validation_dice"]),
        ],
        axis=1,
    )
    curves.insert(0, "fold", fold)
    curves.insert(1, "epoch", range(1, len(curves) + 1))
    folds.append(curves)
write_table(snakemake.output[0], pd.concat(folds))
