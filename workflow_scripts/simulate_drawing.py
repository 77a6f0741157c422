"""Step 0: simulate the manual readings of one scan: two trials by each reader."""

from vhi.io.errors import tell_errors
from vhi.io.images import write_stored
from vhi.simulation.drawing import draw
from vhi.simulation.opinions import two_readers
from vhi.simulation.rebuild import rebuild

tell_errors(snakemake.log[0])
params, name = snakemake.params, snakemake.wildcards.scan
scan = rebuild(params.subject, params.simulation)
readings = [(reader, trial) for reader in two_readers() for trial in (1, 2)]
for (reader, trial), path in zip(readings, snakemake.output, strict=True):
    write_stored(path, draw(scan, reader, trial, params.simulation["seed"], name), scan.affine)
