"""The record of a cleaning, made from its steps."""

import numpy as np

from vhi.cleaning.applying import replay
from vhi.cleaning.records import SCHEMA, counts_of, sealed, settled, voxels_of
from vhi.inflammation import label_regions

PACK = "0123456789abcdef" * 2


def record_of_steps(steps, preliminary):
    regions, count = label_regions(preliminary)
    removed, cuts = settled(*replay(steps), regions.ravel(), np.bincount(regions.ravel(), minlength=count + 1))
    labels = preliminary.copy()
    labels[np.isin(regions, [item["region"] for item in removed])] = 0
    for cut in cuts:
        labels.reshape(-1)[voxels_of(cut["runs"], labels.size)] = 0
    record = {
        "schema": SCHEMA, "source": "page", "pack": PACK, "grid": list(preliminary.shape), "regions": count,
        "removed": removed, "cuts": cuts, "added": [], "steps": steps, "started": "2024-01-01T10:00:00Z",
        "finished": "2024-01-01T10:10:00Z", "active_ms": 1, "slices_seen": [0], "notes": "Gefäß?",
        "result": counts_of(labels, regions=regions),
    }  # fmt: skip
    return sealed(record), labels
