"""Step 0: download the public scans at their pinned commit, checked file by file."""

from vhi.io.download import fetch_archive
from vhi.io.errors import tell_errors
from vhi.io.tables import read_table, write_table

tell_errors(snakemake.log[0])
manifest = read_table(snakemake.input.manifest)
write_table(snakemake.output[0], fetch_archive(snakemake.params.url, snakemake.params.folder, manifest))
