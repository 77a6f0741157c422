"""Set the numbers and conclusions that the paper prints beside ours."""

import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.files import read_json, replacing
from vhi.io.images import read_grid
from vhi.io.tables import read_table, write_table
from vhi.report.claims.evidence import SCAN_COLUMNS, Evidence, geometry_row
from vhi.report.claims.judge import headline, judge
from vhi.report.claims.settings import settings_of
from vhi.report.pages import claims_page
from vhi.study.published import read_published

tell_errors(snakemake.log[0])
source = snakemake.input


def optional(name, read=read_table):
    return read(source[name]) if source.get(name) else None


scans = []
for row, path in zip(snakemake.params.scans, source.scans, strict=True):
    grid = read_grid(path, snakemake.params.slice_axis)
    described, repetition = bytes(grid.header["descrip"]), float(grid.header["pixdim"][4])
    facts = geometry_row(grid.volume.shape, grid.spacing_mm, described, repetition)
    times = {} if row["has_stir"] else dict.fromkeys(("echo_time_ms", "repetition_time_ms"), float("nan"))
    scans.append({**row, **facts, **times})
claims = pd.DataFrame(snakemake.params.claims)
published = optional("test_dice", lambda path: read_published(path, ["scan", "slice", "dice"]))
trained = optional("trained_test_dice")
evidence = Evidence(
    scans=pd.DataFrame(scans, columns=SCAN_COLUMNS),
    dice=optional("dice"),
    measurements=optional("measurements"),
    composite=optional("composite"),
    settings=settings_of(snakemake.params.config),
    learning_curves=optional("learning_curves"),
    published_test_dice=None if published is None else published["dice"],
    trained_test_dice=None if trained is None else trained["dice"],
    selected=optional("selected", read_json),
    printed=claims.set_index("id")["published"].to_dict(),
)
judged = judge(claims, evidence)
write_table(snakemake.output.table, judged)
with replacing(snakemake.output.page) as beside:
    heading = f"{snakemake.params.title}: the paper's numbers beside ours"
    beside.write_text(claims_page(judged, heading, headline(judged)), encoding="utf-8")
