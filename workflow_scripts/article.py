"""Write the article of a study, as a page and as a text document."""

import os
from pathlib import Path

from vhi.io.errors import tell_errors
from vhi.io.files import replacing, write_text
from vhi.io.tables import read_table
from vhi.manuscript.article import article
from vhi.manuscript.document import write_document

tell_errors(snakemake.log[0])
source, out = snakemake.input, snakemake.output
results = Path(out.page).parents[1]
tables = {name: (os.path.relpath(source[name], results), read_table(source[name])) for name in snakemake.params.tables}
methods = Path(source.methods).read_text(encoding="utf-8") if source.get("methods") else ""
figures = [
    {"name": Path(path).stem, "path": os.path.relpath(path, results), "png": Path(path).read_bytes()}
    | {"caption": Path(caption).read_text(encoding="utf-8")}
    for path, caption in zip(source.figures, source.captions, strict=True)
]
page = article(snakemake.params.facts, tables, methods, figures)
write_text(out.page, page)
with replacing(out.document) as beside:
    write_document(page, beside)
