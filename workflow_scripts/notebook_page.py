"""Page of an executed notebook that opens offline, and the notebook beside it."""

from pathlib import Path

from vhi.io.errors import tell_errors
from vhi.io.files import write_text
from vhi.report.notebooks import notebook_page

tell_errors(snakemake.log[0])
text = Path(snakemake.params.executed).read_text(encoding="utf-8")
for path, content in (
    (snakemake.output.executed, text),
    (snakemake.output.page, notebook_page(text, snakemake.wildcards.notebook)),
):
    write_text(path, content)
