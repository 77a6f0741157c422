"""Reasons to review a scan, from the results of each step.

# ASSUME the paper looks at every scan by eye and gives no limits.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from vhi.marrow.stability import FEW_MARROW, UNSTABLE_PERCENT

DICE = {
    "predicted_dice": "predicted Dice of the disease region",
    "drawn_mean_slice_dice": "Dice with the drawn region",
}
"""Columns of quality.tsv in the words of a scan's page."""
DIFFERENT_READERS = 0.5
"""Difference of the readers as a share of their mean."""
SMALL_VOXELS = 100
"""Readers may differ by so many voxels whatever their mean."""
APART_DEGREES = 3
"""Angle between the slices of T1w and STIR."""


def region_limit(quality: pd.DataFrame, flag_below: float) -> float:
    """Give the predicted Dice below which a disease region is reviewed.

    Parameters
    ----------
    quality : DataFrame
        ``predicted_dice`` of all scans.
    flag_below : float
        Where the networks are good.

    Returns
    -------
    float
        ``flag_below``. If the median scan lies below it, the networks are weak, and a flag on nearly every scan would help
        nobody: then the lower fence of the scans (first quartile minus 1.5 interquartile ranges; Tukey 1977).

    # ASSUME the paper gives no limit.

    Examples
    --------
    >>> region_limit(pd.DataFrame({"predicted_dice": [0.95, 0.9, 0.5]}), 0.85)
    0.85
    >>> region_limit(pd.DataFrame({"predicted_dice": [0.3, 0.68, 0.7, 0.7, 0.72]}), 0.85)
    0.65
    """
    predicted = quality["predicted_dice"].dropna().astype(float)
    if predicted.empty or predicted.median() >= flag_below:
        return flag_below
    first, third = predicted.quantile([0.25, 0.75])
    return round(float(first - 1.5 * (third - first)), 3)


def slice_angles(affine: np.ndarray) -> dict[str, float]:
    """Measure how slices lie in the body.

    Parameters
    ----------
    affine : (4, 4) array
        From (slice, row, column) to mm, x to the right, y anterior, z superior.

    Returns
    -------
    dict
        ``tilt``: angle between the slices and the coronal plane, in the sagittal plane, degrees (0 coronal, 90 axial; positive where
        the top leans back, as the sacrum does); ``turn``: angle of the slice's normal out of the sagittal plane.
    """
    normal = _normal(affine)
    return {
        "tilt": float(np.degrees(np.arctan2(normal[2], -normal[1]))),
        "turn": float(np.degrees(np.arcsin(np.clip(normal[0], -1, 1)))),
    }


def angle_between(affine_a: np.ndarray, affine_b: np.ndarray) -> float:
    """Angle between the slices of two grids, degrees."""
    return float(np.degrees(np.arccos(np.clip(abs(_normal(affine_a) @ _normal(affine_b)), 0, 1))))


def _normal(affine: np.ndarray) -> np.ndarray:
    """Unit vector across the slices."""
    across = np.asarray(affine, float)[:3, 0]
    return across / np.linalg.norm(across)


def reasons_to_look(facts: Mapping) -> list[dict]:
    """List the reasons to review a scan.

    What the networks say of their region counts only where that region is used.

    Parameters
    ----------
    facts : mapping
        ``expected`` (`vhi.report.inventory.expected_parts`); where there: ``quality`` (row of 3b_disease_region/quality.tsv) and
        ``region_limit`` (`region_limit`), ``limits`` (2_threshold), ``stability`` (list of rows of
        5_small_regions/{scan}_stability.tsv), ``vhi`` (voxels by reader), ``angle_apart`` (degrees).

    Returns
    -------
    list of dict
        ``weight reason``, heaviest first; empty if there are no issues.
    """
    found = []
    for part in facts["expected"]:
        if part["state"] == "missing":
            found.append((2 if part["what"].startswith("cleaned") else 4, f"missing: {part['what']}"))
        elif part["state"] == "open":
            found.append((1, f"open: {part['what']}"))
    quality = facts.get("quality") or {}
    if uses_networks(facts):  # a drawn region needs no trust in the networks
        dice = quality.get("predicted_dice")
        low = dice is not None and dice < facts["region_limit"]
        why = [f"predicted Dice {dice:.2f}"] if low else []
        why += [str(quality["unusual"])] if quality.get("unusual") else []
        found += [(5, "disease region is uncertain: " + "; ".join(why))] if why else []
    found += _of_limits(facts.get("limits"), facts.get("stability") or [])
    found += _of_readers(facts.get("vhi") or {})
    if (facts.get("angle_apart") or 0) > APART_DEGREES:
        found.append((3, f"T1w and STIR slices are {facts['angle_apart']:.1f} degrees apart"))
    return [{"weight": weight, "reason": reason} for weight, reason in sorted(found, key=lambda item: -item[0])]


def notes_on(facts: Mapping, flag_below: float) -> list[str]:
    """Say what does not ask for a review of the scan, as it is so in most scans: weak networks."""
    dice = (facts.get("quality") or {}).get("predicted_dice")
    if not uses_networks(facts) or dice is None or dice >= flag_below or dice < facts["region_limit"]:
        return []
    return [
        f"Predicted Dice {dice:.2f} is below {flag_below:g}, as in most scans of this study: the networks are weak here. "
        f"Regions below {facts['region_limit']:g} are flagged."
    ]


def uses_networks(facts: Mapping) -> bool:
    """Whether the scan's disease region is that of the networks."""
    return next((part["note"] for part in facts["expected"] if part["what"] == "disease region"), "ensemble") in (
        "",
        "ensemble",
    )


def _of_limits(limits: Mapping | None, stability: Sequence[Mapping]) -> list[tuple[float, str]]:
    found = []
    if limits and limits["voxels"] < FEW_MARROW:
        found.append((3, f"only {limits['voxels']} voxels of normal marrow"))
    change = {row["patch"]: row for row in stability}
    one = change.get("without the brightest voxel", {}).get("change_percent")
    if one is not None and abs(one) >= UNSTABLE_PERCENT:
        unstable = f"dropping the brightest marrow voxel changes the preliminary voxels by {one:+.0f} %"
        found.append((3, f"unstable limit: {unstable}"))
    return found


def _of_readers(vhi: Mapping[str, float]) -> list[tuple[float, str]]:
    if len(vhi) < 2:
        return []
    values = list(vhi.values())
    difference, mean = max(values) - min(values), float(np.mean(values))
    if difference > SMALL_VOXELS and difference > DIFFERENT_READERS * mean:
        return [
            (3, "readers differ: " + ", ".join(f"{reader} {voxels:,.0f}" for reader, voxels in vhi.items()) + " voxels")
        ]
    return []
