"""Section 2.7.1: overlap of every pair of readings of a scan, and of each with the preliminary segmentation."""

from itertools import combinations

import numpy as np
import pandas as pd

from vhi.cleaning.readings import read_reading, readings_by_scan
from vhi.io.errors import tell_errors
from vhi.io.tables import write_table
from vhi.statistics.overlap import compare, name_of, published_dice
from vhi.study.published import read_published

tell_errors(snakemake.log[0])
source, params = snakemake.input, snakemake.params
preliminary = {path.rsplit("/", 1)[1].removesuffix(".nii.gz"): path for path in source.preliminary}
published = {}
if source.get("published"):
    published = read_published(source.published, ["scan", "dice"]).set_index("scan")["dice"].to_dict()

rows = []
for scan, of_scan in readings_by_scan(params.readings, source.masks, params.limit, params.slice_axis):
    about = {"scan": scan}
    for a, b in combinations(of_scan, 2):
        method = a["method"] if a["method"] == b["method"] else "mixed"
        rows.append(about | {"a": name_of(a), "b": name_of(b), "method": method} | compare(a, b))
        if method == "semiautomatic" and rows[-1]["dice"] is None:
            rows[-1] |= published_dice(scan, published)
    if scan in preliminary:
        machine = read_reading(preliminary[scan], "preliminary", params.limit, params.slice_axis)
        before = {"mask": machine, "voxels": int(np.count_nonzero(machine)), "method": "preliminary"}
        rows += [
            about | {"a": name_of(row), "b": "preliminary", "method": row["method"]} | compare(row, before)
            for row in of_scan
        ]
columns = ["scan", "a", "b", "method", "dice", "volume_similarity", "source"]
write_table(snakemake.output[0], pd.DataFrame(rows, columns=columns))
