"""Voxel numbers of every segmentation of a scan that one pair of limits gives."""

import numpy as np

from vhi.cleaning.carrying import KEPT, UNJUDGED, carry_over
from vhi.cleaning.masks import counted
from vhi.inflammation import disease_region_used, drop_small_regions, label_regions, threshold
from vhi.marrow.limits import LimitRule, find_limits
from vhi.multiverse.voxels import Voxels
from vhi.statistics.overlap import dice
from vhi.uncertainty.alternatives import cropped, several

PRELIMINARY = "-"
"""Stands for the preliminary segmentation in the column `reader`."""
MASKS = [
    "scan", "excluded_marrow", "vhi", "reader", "voxels", "unjudged", "as_cleaned", "lower", "upper",
    "composite_dice", "oracle_dice",
]  # fmt: skip


def mask_rows(scan: str, voxels: Voxels, rule: LimitRule, minimum_pixels: int, connectivity: int) -> list[dict]:
    """Count voxels with and without the patch of marrow, at both limits, of the preliminary segmentation and of readings.

    Parameters
    ----------
    scan : str
    voxels : Voxels
    rule : LimitRule
    minimum_pixels, connectivity : int
        As in `drop_small_regions`.

    Returns
    -------
    list of dict
        By `MASKS`. A reading of another preliminary segmentation than the one that was cleaned (`as_cleaned` no) is carried over
        (`carry_over`); `unjudged` voxels do not count.

    Raises
    ------
    InputError
        Where the limits cannot be found.
    """
    limits = find_limits(voxels.inner if rule.rule == "disease_region" else voxels.patch, rule)
    about, rows, before = {"scan": scan, "lower": limits.lower, "upper": limits.upper}, [], None
    for excluded in (False, True) if voxels.patch.size else (False,):
        region = disease_region_used(np.ones(voxels.stir.size, bool), voxels.marrow, excluded)
        labels = threshold(voxels.stir, region, limits.lower, limits.upper)
        if not np.array_equal(labels, before):  # most patches hold no voxel at or above the limit
            volume = np.zeros(voxels.shape, np.uint8)
            volume.ravel()[voxels.places] = labels
            before, counts = labels, _counts(voxels, volume, minimum_pixels, connectivity)
        rows += [about | {"excluded_marrow": excluded} | row for row in counts]
    return rows


def _counts(voxels: Voxels, above: np.ndarray, minimum_pixels: int, connectivity: int) -> list[dict]:
    """Rows of one segmentation: of itself, then of each reading."""
    truth = np.zeros(voxels.shape, bool) if voxels.composite is None else voxels.composite
    everywhere = several(list(voxels.kept.values()), voxels.judged, above, truth)
    above, judged, truth, *cleaned = cropped(everywhere, above, voxels.judged, truth, *voxels.kept.values())
    labels = drop_small_regions(above, minimum_pixels, connectivity)
    as_cleaned = np.array_equal(labels, judged)
    decided = {
        reader: (kept, np.zeros(0)) if as_cleaned else _carried(kept, judged, labels, connectivity)
        for reader, kept in zip(voxels.kept, cleaned, strict=True)
    }
    rows = []
    for limit in ("lower", "upper"):
        chosen = counted(labels, limit)
        row = {"vhi": limit, "reader": PRELIMINARY, "voxels": int(np.count_nonzero(chosen))}
        if voxels.composite is not None:
            row |= {
                "composite_dice": dice(chosen, truth),
                "oracle_dice": oracle_dice(labels, chosen, truth, connectivity),
            }
        rows.append(row)
        for reader, (kept, unjudged) in decided.items():
            counts = {"voxels": int(np.count_nonzero(counted(kept, limit)))}
            counts |= {"unjudged": int(np.count_nonzero(counted(unjudged, limit)))}
            rows.append({"vhi": limit, "reader": reader} | counts | {"as_cleaned": "yes" if as_cleaned else "no"})
    return rows


def _carried(
    kept: np.ndarray, judged: np.ndarray, labels: np.ndarray, connectivity: int
) -> tuple[np.ndarray, np.ndarray]:
    """Labels that a reader's decisions keep, and those on which nobody decided."""
    implied = carry_over(kept, judged, labels, connectivity)
    return np.where(implied == KEPT, labels, 0), np.where(implied == UNJUDGED, labels, 0)


def oracle_dice(labels: np.ndarray, chosen: np.ndarray, truth: np.ndarray, connectivity: int) -> float:
    """Give the best Dice that removing whole regions can reach.

    Parameters
    ----------
    labels : (slices, rows, columns) array
        Preliminary segmentation, whose regions are kept or removed.
    chosen, truth : (slices, rows, columns) bool array
        Voxels of it that count, and the reference.
    connectivity : int

    Returns
    -------
    float
        NaN where the reference is empty. The best set of regions has the largest shares of true voxels, so that one pass over the
        regions in that order finds it.
    """
    regions, count = label_regions(labels, connectivity)
    size = np.bincount(regions[chosen], minlength=count + 1)[1:]
    true = np.bincount(regions[chosen & truth], minlength=count + 1)[1:]
    order = np.argsort(-true / np.maximum(size, 1), kind="stable")
    in_truth = np.count_nonzero(truth)
    if not in_truth:
        return float("nan")
    shared, kept = np.cumsum(true[order]), np.cumsum(size[order])
    return float((2 * shared / (kept + in_truth)).max(initial=0.0))
