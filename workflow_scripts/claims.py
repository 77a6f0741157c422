"""Set every number that the paper prints beside ours."""

import nibabel as nib
import pandas as pd

from vhi.claims import SCAN_COLUMNS, Evidence, geometry_row, judge
from vhi.errors import tell_errors
from vhi.files import read_json, replacing
from vhi.images import read_geometry
from vhi.pages import table_page
from vhi.published import read_published
from vhi.tables import read_table, write_table

tell_errors(snakemake.log[0])
source = snakemake.input


def optional(name, read=read_table):
    return read(source[name]) if source.get(name) else None


scans = []
for row, path in zip(snakemake.params.scans, source.scans, strict=True):
    shape, spacing = read_geometry(path, snakemake.params.slice_axis)
    facts = geometry_row(shape, spacing, bytes(nib.load(path).header["descrip"]))
    scans.append({**row, **facts, "echo_time_ms": facts["echo_time_ms"] if row["has_stir"] else float("nan")})
claims = pd.DataFrame(snakemake.params.claims)
published = optional("test_dice", lambda path: read_published(path, ["scan", "slice", "dice"]))
trained = optional("trained_test_dice")
evidence = Evidence(
    scans=pd.DataFrame(scans, columns=SCAN_COLUMNS),
    dice=optional("dice"),
    measurements=optional("measurements"),
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
    beside.write_text(table_page(judged, heading, group="section", mark="status"), encoding="utf-8")
