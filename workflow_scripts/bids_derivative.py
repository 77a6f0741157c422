"""Export a segmentation as a BIDS derivative: a copy under its BIDS name, and its sidecar."""

import shutil

from vhi.io.errors import tell_errors
from vhi.io.files import replacing, write_json

tell_errors(snakemake.log[0])
with replacing(snakemake.output.image) as beside:
    shutil.copyfile(snakemake.input.image, beside)
write_json(snakemake.output.sidecar, snakemake.params.sidecar)
