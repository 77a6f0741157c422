"""Step (iii): compare the settings over the folds."""

import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.tables import read_table, write_table
from vhi.region.folds import compare_settings
from vhi.region.protocols import full_steps

tell_errors(snakemake.log[0])
params = snakemake.params
scores = pd.concat([read_table(path) for path in snakemake.input.validation])
write_table(snakemake.output[0], compare_settings(scores, full_steps(params.protocol) if params.truncated else None))
