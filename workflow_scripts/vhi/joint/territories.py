"""Eight quadrants of a scan: side, bone, and upper or lower half of the joint."""

from dataclasses import asdict, dataclass
from itertools import product

import numpy as np
from scipy.ndimage import label

from vhi.joint.border import find_border
from vhi.joint.midline import Midline, find_midline

SIDES, BONES, HALVES = ("right", "left"), ("ilium", "sacrum"), ("upper", "lower")
QUADRANTS = tuple(product(SIDES, BONES, HALVES))  # label 1 and following; within a side as q1 to q4 of a SPARCC sheet
LABELS = tuple(range(1, len(QUADRANTS) + 1))
SCORED_SLICES = 6

SEEN = 0.2  # ASSUME A dark line this much darker than the marrow (as a share) is a joint.
ONE_BONE_MM = 18.0  # ASSUME A part of the region that is thinner on average is one bone, unless a dark line parts it.


@dataclass(frozen=True)
class Territories:
    """What a voxel of a scan belongs to.

    Attributes
    ----------
    labels : (slices, rows, columns) uint8 array
        1 and following, in the order of `QUADRANTS`; every voxel of the grid has one, in the disease region or not.
    midline : Midline
    joint_mm : (slices, 2) array
        Length of the joint between marrow on each slice, right and left.
    first_slice : int
        First of the `SCORED_SLICES` that show most of both joints.
    """

    labels: np.ndarray
    midline: Midline
    joint_mm: np.ndarray
    first_slice: int

    def described(self) -> dict:
        """Give what a file says beside the labels: slices from 1, columns in voxels, lengths in mm."""
        return {
            "labels": {str(label): " ".join(quadrant) for label, quadrant in zip(LABELS, QUADRANTS, strict=True)},
            "midline": {name: round(value, 5) for name, value in asdict(self.midline).items()},
            "joint_mm": {side: np.round(self.joint_mm[:, n], 1).tolist() for n, side in enumerate(SIDES)},
            "first_slice": self.first_slice + 1,
        }


def find_territories(t1w: np.ndarray, region: np.ndarray, spacing_mm: tuple[float, float, float]) -> Territories:
    """Part a scan into quadrants, by its disease region and T1w scan alone.

    Left and right are parted by the plane about which the scan is most symmetric, sacrum and ilium by the dark line between
    bright marrow. What lies medially of the line counts as sacrum, with the parts of lumbar vertebrae in the region.

    Parameters
    ----------
    t1w : (slices, rows, columns) array
        In presentation order.
    region : (slices, rows, columns) array of bool
        The disease region, on the same grid; must mark a voxel.
    spacing_mm : tuple of float
        Distance between slices, rows and columns.

    Returns
    -------
    Territories
    """
    region = np.asarray(region) > 0
    shown = np.flatnonzero(region.any(axis=(0, 2)))
    near = slice(shown[0], shown[-1] + 1)
    around = ((0, 0), (shown[0], region.shape[1] - 1 - shown[-1]))
    midline = find_midline(t1w, region, spacing_mm)
    middle = midline.columns(*region.shape[:2])
    from_middle = (np.arange(region.shape[2]) - middle[:, :, None]) * spacing_mm[2]
    on_left = from_middle > 0
    bone, lower, lengths = np.zeros(region.shape, np.uint8), np.zeros(region.shape[:2] + (2,), bool), []
    for number, direction in enumerate((-1, 1)):
        half = on_left == (direction > 0)
        distance, seen = (
            np.pad(found, around, mode)
            for found, mode in zip(
                find_border(t1w[:, near], region[:, near], middle[:, near], direction, spacing_mm),
                ("edge", "constant"),
                strict=True,
            )
        )
        column = np.rint(middle + direction * distance / spacing_mm[2]).astype(int)
        of_side = (np.abs(from_middle) < distance[:, :, None]).astype(np.uint8)
        _undo_cuts(of_side, region & half, seen, column, spacing_mm)
        bone = np.where(half, of_side, bone)
        lower[:, :, number] = np.arange(region.shape[1]) > _mid_height(seen > SEEN, region)[:, None]
        lengths.append((seen > SEEN).sum(axis=1) * spacing_mm[1])
    labels = 1 + 4 * on_left + 2 * bone + np.take_along_axis(lower, on_left.astype(int), 2)
    total = np.sum(lengths, axis=0)
    sums = np.convolve(total, np.ones(min(SCORED_SLICES, len(total))), mode="valid")
    return Territories(labels.astype(np.uint8), midline, np.stack(lengths, axis=1), int(np.argmax(sums)))


def _undo_cuts(bone, region, seen, column, spacing_mm):
    """Give a part of the region that the border cuts through marrow to the bone that has more of it, in place.

    In front of the joint and behind it a slice shows one bone alone, which the border may cross.
    """
    rows = np.arange(region.shape[1])
    column = np.clip(column, 0, region.shape[2] - 1)
    for k, of_slice in enumerate(region):
        parts, count = label(of_slice)
        crossed = parts[rows, column[k]]
        for part in range(1, count + 1):
            here = crossed == part
            if not here.any() or seen[k][here].mean() >= SEEN:
                continue
            whole = parts == part
            if whole.sum() / whole.any(axis=1).sum() * spacing_mm[2] < ONE_BONE_MM:
                bone[k][whole] = bone[k][whole].mean() > 0.5


def _mid_height(joint, region):
    """Row at mid-height of the joint on each slice; that of the nearest slice where none is seen."""
    rows = [np.flatnonzero(of_slice) for of_slice in joint]
    # ASSUME The joint reaches from the 5th to the 95th percentile of its rows: a vessel beyond it is no joint.
    middles = np.array([np.percentile(found, (5, 95)).mean() if found.size else np.nan for found in rows])
    known = np.flatnonzero(np.isfinite(middles))
    if not known.size:
        return np.full(len(joint), np.flatnonzero(region.any(axis=(0, 2))).mean())
    nearest = np.abs(np.arange(len(joint))[:, None] - known).argmin(axis=1)
    return middles[known[nearest]]
