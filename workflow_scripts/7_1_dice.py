"""Section 2.7.1: overlap of every pair of readings of a scan, and of each with the preliminary segmentation."""

from pathlib import Path

import pandas as pd

from vhi.cleaning.readings import read_reading, readings_by_scan
from vhi.io.errors import tell_errors
from vhi.io.tables import write_table
from vhi.statistics.overlap import OVERLAP, overlap_rows
from vhi.study.published import read_published

tell_errors(snakemake.log[0])
source, params = snakemake.input, snakemake.params
preliminary = {Path(path).name.removesuffix(".nii.gz"): path for path in source.preliminary}
published = {}
if source.get("published"):
    published = read_published(source.published, ["scan", "dice"]).set_index("scan")["dice"].to_dict()
rows = []
for scan, of_scan in readings_by_scan(params.readings, source.masks, params.limit, params.slice_axis):
    path = preliminary.get(scan)
    machine = read_reading(path, "preliminary", params.limit, params.slice_axis) if path else None
    rows += overlap_rows(scan, of_scan, machine, published)
write_table(snakemake.output[0], pd.DataFrame(rows, columns=OVERLAP))
