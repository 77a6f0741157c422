"""Section 2.7.1: overlap of every pair of readings of a scan, and of each with the preliminary segmentation."""

from itertools import combinations

import numpy as np
import pandas as pd

from vhi.cleaning import counted
from vhi.errors import tell_errors
from vhi.images import read_mask
from vhi.overlap import compare, name_of, published_dice
from vhi.published import read_published
from vhi.tables import write_table

tell_errors(snakemake.log[0])
params = snakemake.params
masks = iter(snakemake.input.masks)

preliminary = {path.rsplit("/", 1)[1].removesuffix(".nii.gz"): path for path in snakemake.input.preliminary}
published = {}
if snakemake.input.get("published"):
    published = read_published(snakemake.input.published, ["scan", "dice"]).set_index("scan")["dice"].to_dict()


def read(path, method):
    mask = read_mask(path, (0, 1) if method == "manual" else (0, 1, 2), params.slice_axis)
    return counted(mask.volume, "lower" if method == "manual" else params.limit)


readings = {}
for row in params.readings:
    if not row["has_mask"] and params.limit != "lower":
        continue  # published counts are at the lower limit
    mask = read(next(masks), row["method"]) if row["has_mask"] else None
    voxels = int(np.count_nonzero(mask)) if mask is not None else row["vhi_voxels"]
    readings.setdefault(row["scan"], []).append({**row, "mask": mask, "voxels": voxels})

rows = []
for scan, of_scan in readings.items():
    for a, b in combinations(of_scan, 2):
        method = a["method"] if a["method"] == b["method"] else "mixed"
        rows.append({"scan": scan, "a": name_of(a), "b": name_of(b), "method": method, **compare(a, b)})
        if method == "semiautomatic" and rows[-1]["dice"] is None:
            rows[-1] |= published_dice(scan, published)
    if scan in preliminary:
        machine = read(preliminary[scan], "preliminary")
        before = {"mask": machine, "voxels": int(np.count_nonzero(machine)), "method": "preliminary"}
        rows += [
            {"scan": scan, "a": name_of(row), "b": "preliminary", "method": row["method"], **compare(row, before)}
            for row in of_scan
        ]
columns = ["scan", "a", "b", "method", "dice", "volume_similarity", "source"]
frame = pd.DataFrame(rows, columns=columns)
write_table(snakemake.output.dice, frame)

groups = frame.assign(dice=frame["dice"].astype(float)).groupby(["method", "a", "b", "source"], sort=False)
medians = groups["dice"].agg(n="count", median="median", minimum="min", maximum="max")
write_table(snakemake.output.medians, medians[medians["n"] > 0].reset_index())
