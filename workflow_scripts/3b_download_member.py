"""Step (iii): fetch a member of a pretrained ensemble, and check it against the registry."""

from vhi.io.download import fetch_file
from vhi.io.errors import tell_errors

tell_errors(snakemake.log[0])
fetch_file(snakemake.params.member["url"], snakemake.output[0], snakemake.params.member["sha256"])
