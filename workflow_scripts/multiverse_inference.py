"""The multiverse: joint inference over all universes."""

import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.tables import read_table, write_table
from vhi.multiverse.inference import joint_inference
from vhi.multiverse.outcomes import change_matrix
from vhi.multiverse.readings import Values
from vhi.study.multiverse import Multiverse

tell_errors(snakemake.log[0])
source, params = snakemake.input, snakemake.params
sparcc = read_table(source.sparcc) if source.get("sparcc") else None
values = Values(read_table(source.readings), params.readers, pd.DataFrame(params.visits), sparcc, params.first)
table, universes = read_table(source.universes), Multiverse(**params.multiverse).universes
write_table(snakemake.output[0], joint_inference(change_matrix(universes, table, values), seed=params.seed))
