"""Reasons to review a scan, from the results of each step.

# ASSUME the paper looks at every scan by eye and gives no limits.
"""

from collections.abc import Mapping, Sequence

import numpy as np

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
        ``expected`` (`vhi.report.inventory.expected_parts`); where there: ``quality`` (row of 3b_disease_region/quality.tsv),
        ``limits`` (2_threshold), ``stability`` (list of rows of 5_small_regions/{scan}_stability.tsv), ``vhi`` (voxels by
        reader), ``angle_apart`` (degrees).

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
    used = next((part["note"] for part in facts["expected"] if part["what"] == "disease region"), "ensemble")
    if quality.get("look_at_it") and used in ("", "ensemble"):  # a drawn region needs no trust in the networks
        dice = quality.get("predicted_dice")
        why = [f"predicted Dice {dice:.2f}"] if dice is not None else []
        why += [str(quality["unusual"])] if quality.get("unusual") else []
        found.append((5, "disease region is uncertain: " + "; ".join(why)))
    found += _of_limits(facts.get("limits"), facts.get("stability") or [])
    found += _of_readers(facts.get("vhi") or {})
    if (facts.get("angle_apart") or 0) > APART_DEGREES:
        found.append((3, f"T1w and STIR slices are {facts['angle_apart']:.1f} degrees apart"))
    return [{"weight": weight, "reason": reason} for weight, reason in sorted(found, key=lambda item: -item[0])]


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
