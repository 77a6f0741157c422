"""Section 2.7.1: how far two segmentations of one scan overlap, and the composite reference."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

OVERLAP = ["scan", "a", "b", "method", "dice", "volume_similarity", "source"]


def dice(a: np.ndarray, b: np.ndarray) -> float:
    """Dice score 2 |A and B| / (|A| + |B|) of two masks (paper, S1 File).

    NaN where both are empty: nothing was segmented, so there is no overlap to judge; such pairs are left out of medians
    and counted beside them.
    """
    a, b = np.asarray(a, bool), np.asarray(b, bool)
    total = int(a.sum()) + int(b.sum())
    return 2 * int((a & b).sum()) / total if total else float("nan")


def dice_per_slice(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Dice score of each slice of two (slices, rows, columns) masks; NaN where both slices are empty."""
    return np.array([dice(in_a, in_b) for in_a, in_b in zip(a, b, strict=True)])


def volume_similarity(voxels_a: int, voxels_b: int) -> float:
    """Volume similarity 1 - | |A| - |B| | / (|A| + |B|); NaN where both are empty."""
    total = voxels_a + voxels_b
    return 1 - abs(voxels_a - voxels_b) / total if total else float("nan")


def composite(masks: list[np.ndarray], votes: int = 3) -> np.ndarray:
    """Majority vote: the voxels that at least `votes` of the masks hold (paper, 2.7.1).

    Parameters
    ----------
    masks : list of (slices, rows, columns) arrays
        The paper takes four.
    votes : int
        # ASSUME three of four, as in the text, also for the composite of the four manual trials in Results.
    """
    return np.sum([np.asarray(mask, bool) for mask in masks], axis=0, dtype=np.uint8) >= votes


def name_of(reading: dict) -> str:
    """Name of a reading in tables: reader and trial, R1.2 for the paper's R_12."""
    return f"{reading['reader']}.{reading['trial']}"


def compare(a: dict, b: dict) -> dict:
    """Overlap and volume similarity of two readings of a scan, with the source of the numbers.

    Parameters
    ----------
    a, b : dict
        ``mask`` (None where only a published count is at hand), ``voxels``, ``method``.

    Returns
    -------
    dict
        ``dice`` (None where it needs an absent mask), ``volume_similarity``, ``source``. A cleaned mask lies within its
        preliminary segmentation, so that the counts alone give their Dice score; the source then says so.
    """
    found = {
        "dice": None,
        "volume_similarity": volume_similarity(a["voxels"], b["voxels"]),
        "source": "published count",
    }
    if a["mask"] is not None and b["mask"] is not None:
        return found | {"dice": dice(a["mask"], b["mask"]), "source": "masks"}
    if (a["method"], b["method"]) != ("semiautomatic", "preliminary"):
        return found
    if a["voxels"] > b["voxels"]:
        return found | {"source": "published count, larger than the preliminary segmentation"}
    total = a["voxels"] + b["voxels"]
    found["source"] = "published count, taken to lie within the preliminary segmentation"
    return found | {"dice": 2 * a["voxels"] / total if total else float("nan")}


def overlap_rows(
    scan: str, of_scan: Sequence[dict], preliminary: np.ndarray | None, published: Mapping[str, float]
) -> list[dict]:
    """Compare every two readings of a scan, and each of them with the preliminary segmentation, if any; columns `OVERLAP`.

    Readings are from `vhi.cleaning.readings.readings_by_scan`; the method is ``mixed`` where two differ in it. `published` has
    the Dice score, by scan, of pairs of cleaned masks that are not public.
    """
    rows = []
    for a, b in combinations(of_scan, 2):
        method = a["method"] if a["method"] == b["method"] else "mixed"
        found = compare(a, b)
        if method == "semiautomatic" and found["dice"] is None and scan in published:
            found |= {"dice": published[scan], "source": "published table"}
        rows.append({"scan": scan, "a": name_of(a), "b": name_of(b), "method": method} | found)
    if preliminary is not None:
        before = {"mask": preliminary, "voxels": int(np.count_nonzero(preliminary)), "method": "preliminary"}
        for row in of_scan:
            about = {"scan": scan, "a": name_of(row), "b": "preliminary", "method": row["method"]}
            rows.append(about | compare(row, before))
    return rows
