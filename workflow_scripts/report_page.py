"""Report: its first page, and a page for each part."""

from collections import Counter
from pathlib import Path

from vhi.io.errors import tell_errors
from vhi.io.files import write_text
from vhi.io.tables import read_rows, read_table
from vhi.report.first_page import first_page, visits_table
from vhi.report.parts import items_of, part_page, parts_of
from vhi.report.top import read_inventory, top_of_report

tell_errors(snakemake.log[0])
params, results = snakemake.params, Path(snakemake.input.inventory).parent


def table(path: str):
    """Read a table of the results; None where it is not there."""
    return read_table(results / path) if (results / path).is_file() else None


parts = parts_of(items_of(params.shown, results))
pages = Path(snakemake.output.parts)
pages.mkdir(parents=True, exist_ok=True)
for place, part in enumerate(parts):
    write_text(pages / part["file"], part_page(params.title, parts, place, results))

visits = visits_table(
    table("6_cleaning/measurements.tsv"),
    table("6_cleaning/uncertainty.tsv"),
    table("7_3_responsiveness/change_error.tsv"),
    params.sessions,
)
counted = Counter(row["status"] for row in read_rows(results / "claims.tsv")).most_common()
top = top_of_report(read_inventory(snakemake.input.inventory), params.simulated)
review = read_rows(results / "report" / "scans.tsv")
write_text(
    snakemake.output.first,
    first_page(params.title, params.simulated, top, visits, parts, review, counted, results),
)
