"""Step 0: simulate how both readers clean the preliminary segmentation of one scan, and why."""

import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.images import read_stored, write_stored
from vhi.io.tables import write_table
from vhi.simulation.opinions import two_readers
from vhi.simulation.readers import clean
from vhi.simulation.rebuild import rebuild

tell_errors(snakemake.log[0])
params, name = snakemake.params, snakemake.wildcards.scan
scan = rebuild(params.subject, params.simulation)
preliminary = read_stored(snakemake.input.preliminary)
decisions = []
for reader, path in zip(two_readers(), snakemake.output.masks, strict=True):
    kept, causes = clean(scan, preliminary > 0, reader, params.simulation["seed"], name)
    write_stored(path, (preliminary * kept).astype("uint8"), scan.affine)
    causes.insert(0, "scan", name)
    causes.insert(1, "reader", reader.name)
    decisions.append(causes)
write_table(snakemake.output.causes, pd.concat(decisions))
