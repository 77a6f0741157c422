"""Write the methods paragraph, the main numbers and the GRRAS table of a study."""

import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.files import write_text
from vhi.io.tables import read_table, write_table
from vhi.report.grras import grras_table
from vhi.report.methods import methods_paragraphs
from vhi.report.pages import rows_page, text_page
from vhi.report.results import results_paragraph

NAMES = ("medians", "limits", "reliability", "responders", "response_means", "regression", "tally")

tell_errors(snakemake.log[0])
source, params, out = snakemake.input, snakemake.params, snakemake.output
counts = dict(params.counts)
read = read_table(source.measurements)
cleaned = read[(read["method"] == "semiautomatic") & (read["trial"] == "1") & read["vhi_voxels"].notna()]
by_hand = read[read["method"] == "manual"]
sessions = cleaned.groupby("subject")["session"].nunique()
counts |= {"cleaned": cleaned["scan"].nunique(), "paired": int((sessions > 1).sum())}
counts |= {"published": int((cleaned["source"] == "published count").sum())}
counts |= {"scans_by_hand": by_hand["scan"].nunique(), "trials_by_hand": len(by_hand)}

tables = {name: read_table(source[name]) if source.get(name) else None for name in NAMES}
for name in ("response_means", "regression"):  # of all visits; the words are about one
    table = tables[name]
    tables[name] = None if table is None else table[table["session"] == params.session]
unit = params.config["statistics"]["vhi_unit"]
paragraphs = methods_paragraphs(params.config, counts)
main = results_paragraph(tables, unit)
titles = ("Measurement", "Statistical analysis", "Main results")
parts = list(zip(titles, [*paragraphs, main], strict=True))
table = grras_table(params.config, counts, main)

heading = f"Methods in words: {params.config['title']}"
for path, text in (
    (out.text, "\n\n".join(f"{title}\n{text}" for title, text in parts if text) + "\n"),
    (out.page, text_page(heading, parts)),
    (out.grras_page, rows_page(f"GRRAS: {params.config['title']}", table)),
):
    write_text(path, text)
write_table(out.grras, pd.DataFrame(table))
