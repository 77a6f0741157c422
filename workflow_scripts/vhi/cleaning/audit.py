"""The books of the cleaning: what each reader removed and why, and where two readers differ."""

from collections import Counter

import numpy as np
import pandas as pd

from vhi.cleaning.masks import counted
from vhi.cleaning.records import REASONS, UNSTATED, number_lesions, voxels_of
from vhi.inflammation import label_regions

KEPT, REMOVED, CUT = "kept", "removed", "cut"
DIFFERENCES = (
    "scan", "a", "b", "region", "lesion", "slice", "row", "column", "voxels", "a_did", "a_reason", "b_did", "b_reason",
    "difference_voxels", "difference_mm3",
)  # fmt: skip


def audit_row(record: dict, preliminary: np.ndarray, connectivity: int = 8) -> dict:
    """Sum up one record.

    Parameters
    ----------
    record : dict
    preliminary : (slices, rows, columns) array
    connectivity : int
        Of regions within a slice.

    Returns
    -------
    dict
        Regions and voxels before, removed (in all and by reason), cuts, added voxels; steps by tool, the share made by
        keys, minutes at work, slices seen. What a mask cannot tell is None.
    """
    regions, count = label_regions(preliminary, connectivity)
    size = np.bincount(regions.ravel(), minlength=count + 1)
    cut_voxels, whole_voxels = Counter(), Counter()
    for item in record["removed"]:
        whole_voxels[item["reason"]] += int(size[item["region"]])
    for item in record["cuts"]:
        cut_voxels[item["reason"]] += sum(length for _, length in item["runs"])
    row = {
        "source": record["source"],
        "regions": count,
        "regions_removed": len(record["removed"]),
        "regions_cut": len({item["region"] for item in record["cuts"]}),
        "voxels": int(np.count_nonzero(preliminary)),
        "voxels_removed": sum(whole_voxels.values()) + sum(cut_voxels.values()),
        "voxels_cut": sum(cut_voxels.values()),
        "voxels_added": sum(length for item in record["added"] for _, length in item["runs"]),
    }
    for reason in (*REASONS, UNSTATED):
        name = reason.replace(" ", "_")
        row[f"{name}_regions"] = sum(item["reason"] == reason for item in record["removed"])
        row[f"{name}_voxels"] = whole_voxels[reason] + cut_voxels[reason]
    from_page, steps = record["source"] == "page", record["steps"]
    for tool in ("click", "lesion", "lasso", "line", "rest", "cut", "undo", "redo"):
        row[f"{tool}_steps"] = sum(step["tool"] == tool for step in steps) if from_page else None
    return row | {
        "steps": len(steps) if from_page else None,
        "key_steps": sum(step["keyboard"] for step in steps) if from_page else None,
        "active_minutes": round(record["active_ms"] / 60_000, 3) if from_page else None,
        "slices_seen": len(record["slices_seen"]) if from_page else None,
        "slices": preliminary.shape[0],
        "notes": " ".join(record["notes"].split()) if from_page else None,
    }


def decisions(record: dict) -> dict[int, tuple[str, str]]:
    """Say what a reader did with each region that was not kept as it was.

    Returns
    -------
    dict
        What was done and why, by region; several reasons of one region are joined.
    """
    found: dict[int, tuple[str, str]] = {}
    for cut in record["cuts"]:
        known = found.get(cut["region"], (CUT, ""))[1]
        found[cut["region"]] = (CUT, f"{known}, {cut['reason']}" if known else cut["reason"])
    return found | {item["region"]: (REMOVED, item["reason"]) for item in record["removed"]}


def differences(
    records: dict[str, dict],
    labels: dict[str, np.ndarray],
    preliminary: np.ndarray,
    limit: str,
    voxel_mm3: float,
    connectivity: int = 8,
) -> pd.DataFrame:
    """Set two readings of one scan side by side as lists: the regions on which they do not agree.

    Parameters
    ----------
    records : dict of dict
        Two records, by reading.
    labels : dict of (slices, rows, columns) array
        What each left.
    preliminary : (slices, rows, columns) array
        Which both cleaned.
    limit : {"lower", "upper"}
        The limit that makes V_HI.
    voxel_mm3 : float
        Volume of a voxel.
    connectivity : int
        Of regions within a slice.

    Returns
    -------
    DataFrame
        `DIFFERENCES` without the scan: one row per region where kept voxels or decisions differ, largest effect on V_HI
        first. `difference_voxels` is V_HI of a minus that of b in the region.
    """
    (a, b), (regions, count) = records, label_regions(preliminary, connectivity)
    lesion = number_lesions(preliminary, connectivity)
    size = np.bincount(regions.ravel(), minlength=count + 1)
    kept = {name: np.bincount(regions[counted(labels[name], limit)], minlength=count + 1) for name in (a, b)}
    place = np.argwhere(regions > 0)
    number = regions[regions > 0]
    middle = [
        np.bincount(number, place[:, axis], minlength=count + 1)[1:] / np.maximum(size[1:], 1) for axis in range(3)
    ]
    cut_apart = _cut_apart(records[a], records[b], regions.size)
    did_a, did_b = decisions(records[a]), decisions(records[b])
    rows = []
    for region in range(1, count + 1):
        one, other = did_a.get(region, (KEPT, "")), did_b.get(region, (KEPT, ""))
        if one[0] == other[0] and region not in cut_apart:
            continue
        difference = int(kept[a][region] - kept[b][region])
        where = [round(float(axis[region - 1])) for axis in middle]
        of_region = (region, int(lesion[region]), *where, int(size[region]))
        rows.append((a, b, *of_region, *one, *other, difference, difference * voxel_mm3))
    frame = pd.DataFrame(rows, columns=list(DIFFERENCES[1:]))
    return frame.sort_values("difference_voxels", key=lambda column: -column.abs(), kind="stable", ignore_index=True)


def _cut_apart(one: dict, other: dict, size: int) -> set[int]:
    """Regions that both cut, but not alike."""
    both = [
        {(item["region"], v) for item in of["cuts"] for v in voxels_of(item["runs"], size).tolist()}
        for of in (one, other)
    ]
    a, b = ({region for region, _ in cut} for cut in both)
    return a & b & {region for region, _ in both[0] ^ both[1]}


def by_reason(frame: pd.DataFrame) -> pd.DataFrame:
    """Sum up differences by pair of readers and by the reason of the one who removed more.

    Parameters
    ----------
    frame : DataFrame
        `DIFFERENCES`, of many scans.

    Returns
    -------
    DataFrame
        ``a b removed_by reason scans regions voxels share``: regions in dispute, the voxels of V_HI they are about, and
        their share of all that the pair disputes.
    """
    a_more = frame["difference_voxels"] < 0
    named = frame.assign(
        removed_by=np.where(frame["difference_voxels"] == 0, "neither", np.where(a_more, frame["a"], frame["b"])),
        reason=np.where(a_more, frame["a_reason"], frame["b_reason"]),
        voxels=frame["difference_voxels"].abs(),
    )
    keys = ["a", "b", "removed_by", "reason"]
    found = named.groupby(keys, sort=True).agg(
        scans=("scan", "nunique"), regions=("region", "size"), voxels=("voxels", "sum")
    )
    found = found.reset_index()
    total = found.groupby(["a", "b"])["voxels"].transform("sum")
    found["share"] = (found["voxels"] / total.where(total > 0)).round(4)
    return found.sort_values(["a", "b", "voxels"], ascending=[True, True, False], ignore_index=True)
