"""The multiverse: outcomes of every universe."""

import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.tables import read_table, write_table
from vhi.multiverse.outcomes import outcome_table
from vhi.multiverse.readings import Values, segmentation_tables, universe_table
from vhi.study.multiverse import Multiverse

tell_errors(snakemake.log[0])
source, params, out = snakemake.input, snakemake.params, snakemake.output
multiverse, visits = Multiverse(**params.multiverse), pd.DataFrame(params.visits)
measurements, sparcc, clinical = (
    read_table(source[name]) if source.get(name) else None for name in ("measurements", "sparcc", "clinical")
)
masks = {name: read_table(path) for name, path in zip(params.names, source.masks, strict=True)}
table = universe_table(multiverse.universes, multiverse.axes, multiverse.base)
readings, scans = segmentation_tables(
    table, multiverse.universes, multiverse.base, params.groups, masks, measurements, visits
)
values = Values(readings, params.readers, visits, sparcc, params.first)
write_table(out.universes, table)
write_table(out.readings, readings)
write_table(out.segmentations, scans)
write_table(out.outcomes, outcome_table(multiverse.universes, table, values, scans, clinical))
