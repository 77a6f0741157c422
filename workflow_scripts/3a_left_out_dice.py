"""Step (iii): the Dice of each subject by the network that has not seen it."""

import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.tables import read_table, write_table
from vhi.region.folds import left_out_table
from vhi.region.protocols import full_steps

tell_errors(snakemake.log[0])
scores = pd.concat([read_table(path) for path in snakemake.input.dice])
write_table(snakemake.output[0], left_out_table(scores, full_steps(snakemake.params.protocol)))
