"""Section 2.7.1: how far two segmentations of one scan overlap, and the composite reference."""

import numpy as np


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
    similarity = volume_similarity(a["voxels"], b["voxels"])
    if a["mask"] is not None and b["mask"] is not None:
        return {"dice": dice(a["mask"], b["mask"]), "volume_similarity": similarity, "source": "masks"}
    if b["method"] == "preliminary" and a["method"] == "semiautomatic" and a["voxels"] > b["voxels"]:
        source = "published count, larger than the preliminary segmentation"
        return {"dice": None, "volume_similarity": similarity, "source": source}
    if b["method"] == "preliminary" and a["method"] == "semiautomatic":
        within = 2 * a["voxels"] / (a["voxels"] + b["voxels"]) if a["voxels"] + b["voxels"] else float("nan")
        source = "published count, taken to lie within the preliminary segmentation"
        return {"dice": within, "volume_similarity": similarity, "source": source}
    return {"dice": None, "volume_similarity": similarity, "source": "published count"}


def published_dice(scan: str, published: dict[str, float]) -> dict:
    """The Dice score of a published table for a pair of cleaned masks that are not public; nothing where it has none."""
    return {"dice": published[scan], "source": "published table"} if scan in published else {}
