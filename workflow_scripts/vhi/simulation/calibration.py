"""Measure a scan and its readings the same way whether they are real or simulated: the calibration table.

Nothing here knows where its arrays come from, and nothing needs the truth.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.ndimage import binary_dilation, binary_erosion

from vhi.io.errors import InputError
from vhi.simulation.readers import label_slices
from vhi.statistics import overlap

WHAT = {
    "stir_csf": "STIR: brightest 0.2 % (CSF), ratio to normal marrow",
    "stir_fat": "STIR: subcutaneous fat, ratio to normal marrow",
    "stir_muscle": "STIR: muscle, ratio to normal marrow",
    "stir_bone": "STIR: inside of the disease region, ratio to normal marrow",
    "stir_cv": "STIR: coefficient of variation of normal marrow",
    "stir_noise": "STIR: second difference of normal marrow, ratio to its median",
    "t1w_fat": "T1w: subcutaneous fat, ratio to bone",
    "t1w_muscle": "T1w: muscle, ratio to bone",
    "t1w_cv": "T1w: coefficient of variation inside the disease region",
    "t1w_noise": "T1w: second difference of normal marrow, ratio to its median",
    "bone_share": "share of the volume in the disease region",
    "normal_voxels": "voxels of normal marrow",
    "multiple": "n of the lower limit",
    "regions": "regions of the preliminary segmentation",
    "voxels": "voxels of the preliminary segmentation",
    "largest_share": "largest region's share of the preliminary segmentation",
    "regions_removed": "share of regions removed by cleaning",
    "voxels_removed": "share of voxels removed by cleaning",
    "dice_within_R1": "Dice manual, within reader 1",
    "dice_within_R2": "Dice manual, within reader 2",
    "dice_between": "Dice manual, between readers",
    "dice_cleaned": "Dice between readers after cleaning",
    "dice_region": "Dice of the disease region, network against manual",
    "vhi": "V_HI (voxels)",
    "sparcc": "SPARCC",
}


def measure_scan(
    images: Mapping[str, np.ndarray],
    preliminary: np.ndarray,
    multiple: float,
    manual: Mapping[tuple[str, int], np.ndarray] | None = None,
    cleaned: Mapping[str, np.ndarray] | None = None,
    sparcc: float = float("nan"),
) -> dict[str, float]:
    """Measure one scan with all its readings: a row of the calibration table.

    Parameters
    ----------
    images : mapping of str to numpy.ndarray
        Shape (i, j, k), k from front to back: `t1w`, `stir`, and the masks `normal_marrow` and `disease_region`.
    preliminary : numpy.ndarray
        Same shape, bool: after step (v).
    multiple : float
        n of the lower limit (section 2.5.2).
    manual : mapping of (str, int) to numpy.ndarray, optional
        Masks drawn by hand, by reader and trial.
    cleaned : mapping of str to numpy.ndarray, optional
        Cleaned masks by reader; V_HI and what cleaning removed are their means over readers.
    sparcc : float, optional

    Returns
    -------
    dict of str to float
        Keys as in `WHAT`.
    """
    cleaned = cleaned or {}
    row = measure_images(images["t1w"], images["stir"], images["normal_marrow"], images["disease_region"])
    row |= {"multiple": multiple, "sparcc": sparcc} | measure_segmentation(preliminary)
    row |= measure_overlap(manual or {}, cleaned)
    if cleaned:
        removed = pd.DataFrame([measure_cleaning(preliminary, mask) for mask in cleaned.values()])
        row |= removed.mean().to_dict() | {"vhi": float(np.mean([mask.sum() for mask in cleaned.values()]))}
    return row


def measure_images(
    t1w: np.ndarray, stir: np.ndarray, normal_marrow: np.ndarray, disease_region: np.ndarray
) -> dict[str, float]:
    """Measure tissue contrast and noise of one scan, finding tissues by rules that need no outline beyond the masks.

    Fat is the brightest tenth of the T1w in the six slices furthest back; muscle is what lies outside bone with a T1w
    of 0.35 to 0.65 of bone's; both are eroded by 2 voxels.

    Parameters
    ----------
    t1w, stir : numpy.ndarray
        Shape (i, j, k), k from front to back.
    normal_marrow, disease_region : numpy.ndarray
        Same shape, bool.

    Returns
    -------
    dict of str to float
        Keys as in `WHAT`; NaN where a tissue is not found.

    Raises
    ------
    vhi.io.errors.InputError
        If a mask is empty or shapes differ.
    """
    if not t1w.shape == stir.shape == normal_marrow.shape == disease_region.shape:
        raise InputError(f"T1w, STIR and masks differ in shape: {t1w.shape}, {stir.shape}, {normal_marrow.shape}")
    if not normal_marrow.any() or not disease_region.any():
        raise InputError("the normal bone mask or the disease region is empty; both are needed to measure a scan")
    marrow = stir[normal_marrow]
    level = float(np.median(marrow))
    bone = binary_erosion(disease_region, np.ones((7, 7, 1)))
    bone_t1w = float(np.median(t1w[disease_region]))
    fat = t1w > np.percentile(t1w[:, :, -6:], 90)
    fat[:, :, :-6] = False
    muscle = (t1w > 0.35 * bone_t1w) & (t1w < 0.65 * bone_t1w)
    muscle &= ~binary_dilation(disease_region, np.ones((9, 9, 1)))
    fat, muscle = (binary_erosion(mask, np.ones((5, 5, 1))) for mask in (fat, muscle))
    return {
        "stir_csf": float(np.percentile(stir, 99.8)) / level,
        "stir_fat": _median(stir, fat) / level,
        "stir_muscle": _median(stir, muscle) / level,
        "stir_bone": _median(stir, bone) / level,
        "stir_cv": float(marrow.std() / marrow.mean()),
        "stir_noise": _roughness(stir, normal_marrow),
        "t1w_fat": _median(t1w, fat) / bone_t1w,
        "t1w_muscle": _median(t1w, muscle) / bone_t1w,
        "t1w_cv": float(t1w[bone].std() / t1w[bone].mean()),
        "t1w_noise": _roughness(t1w, normal_marrow),
        "bone_share": float(disease_region.mean()),
        "normal_voxels": float(normal_marrow.sum()),
    }


def _median(image, mask):
    return float(np.median(image[mask])) if mask.any() else float("nan")


def _roughness(image, mask):
    """Give the standard deviation of the second difference along i, as of white noise, over the median."""
    image = image.astype(np.float32)
    second = (2 * image - np.roll(image, 1, 0) - np.roll(image, -1, 0)) / np.sqrt(6, dtype=np.float32)
    return float(second[mask].std() / np.median(image[mask]))


def measure_segmentation(preliminary: np.ndarray) -> dict[str, float]:
    """Count the regions (8-connected, by slice) and voxels of a preliminary segmentation; shape (i, j, k), bool."""
    sizes = np.bincount(label_slices(preliminary)[0].ravel())[1:]
    largest = sizes.max(initial=0) / max(sizes.sum(), 1)
    return {"regions": float(len(sizes)), "voxels": float(sizes.sum()), "largest_share": float(largest)}


def measure_cleaning(preliminary: np.ndarray, cleaned: np.ndarray) -> dict[str, float]:
    """Give the shares of regions (no voxel left) and voxels that cleaning removed; NaN for an empty preliminary."""
    labels, regions = label_slices(preliminary)
    kept = len(np.unique(labels[cleaned & (labels > 0)]))
    voxels = int(preliminary.sum())
    if not voxels:
        return {"regions_removed": float("nan"), "voxels_removed": float("nan")}
    return {"regions_removed": 1 - kept / regions, "voxels_removed": 1 - float((cleaned & preliminary).sum()) / voxels}


def measure_overlap(
    manual: Mapping[tuple[str, int], np.ndarray], cleaned: Mapping[str, np.ndarray]
) -> dict[str, float]:
    """Give Dice within and between readers: manual masks by (reader, trial), cleaned masks by reader."""
    row = {}
    trials = sorted(manual)
    for reader in sorted({name for name, _ in trials}):
        own = [manual[key] for key in trials if key[0] == reader]
        if len(own) == 2:
            row[f"dice_within_{reader}"] = dice(*own)
    pairs = [(a, b) for a in trials for b in trials if a[0] < b[0]]
    if pairs:
        row["dice_between"] = float(np.mean([dice(manual[a], manual[b]) for a, b in pairs]))
    if len(cleaned) == 2:
        row["dice_cleaned"] = dice(*(cleaned[name] for name in sorted(cleaned)))
    return row


def dice(first: np.ndarray, second: np.ndarray) -> float:
    """Give the Dice coefficient of two bool masks; 1 where both are empty."""
    # ASSUME Two readers who both find nothing agree fully; the paper leaves it open.
    found = overlap.dice(first, second)
    return 1.0 if np.isnan(found) else found


def from_presentation(volume: np.ndarray) -> np.ndarray:
    """Turn (slices, rows, columns) into (i, j, k): to the left, up, from front to back."""
    return volume[:, ::-1].transpose(2, 1, 0)
