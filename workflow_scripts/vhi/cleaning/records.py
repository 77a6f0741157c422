"""Cleaning records: what a reader removed from a preliminary segmentation, as a list of regions and voxel runs.

The mask is never drawn twice: `applying.apply_record` is the one place where a record becomes a cleaned segmentation. Everything
is in presentation order; a region is an 8-connected region of one slice, numbered by `inflammation.label_regions`, and
a run is ``[first, length]`` in the flattened volume (slices, rows, columns).
"""

import json

import numpy as np
from scipy import ndimage

from vhi.inflammation import LOWER, UPPER, label_regions
from vhi.io.errors import InputError
from vhi.io.hashes import sha256

SCHEMA = "vhi-record/1"
REASONS = ("vessel", "artefact", "joint space", "level", "other")
UNSTATED = "unstated"


def canonical(record: dict) -> bytes:
    """Write a record without its checksum in the one form that is hashed: sorted keys, no blanks, UTF-8.

    Raises
    ------
    InputError
        If a text cannot be written as UTF-8.
    """
    bare = {key: value for key, value in record.items() if key != "checksum"}
    try:
        return json.dumps(bare, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    except ValueError as error:
        raise InputError(f"the record holds what JSON in UTF-8 cannot: {error}") from None


def sealed(record: dict) -> dict:
    """Give the record with the checksum of its canonical form (SHA-256, hexadecimal)."""
    return record | {"checksum": sha256(canonical(record))}


def check_seal(record: dict) -> None:
    """Raise `InputError` unless a record has the checksum of what it says."""
    if sealed(record)["checksum"] != record["checksum"]:
        raise InputError("its checksum does not fit its content: it was changed after it was written; export it again")


def fingerprint(preliminary: np.ndarray) -> str:
    """Give the SHA-256 of a label volume, shape included: two segmentations of one grid are equal if theirs are."""
    labels = np.ascontiguousarray(preliminary, np.uint8)
    return sha256(repr(labels.shape).encode() + labels.tobytes())


def number_lesions(preliminary: np.ndarray, connectivity: int = 8) -> np.ndarray:
    """Give the 3D lesion of every region.

    Parameters
    ----------
    preliminary : (slices, rows, columns) array
        Foreground is above 0.
    connectivity : int
        Of regions within a slice; 8 joins 26 neighbours in 3D, 4 joins 6, so that a region lies in one lesion.

    Returns
    -------
    (regions + 1,) int array
        Lesion by region number; 0 for number 0.
    """
    regions, count = label_regions(preliminary, connectivity)
    structure = ndimage.generate_binary_structure(3, {4: 1, 8: 3}[connectivity])
    lesions, _ = ndimage.label(np.asarray(preliminary) > 0, structure)
    lesion_of = np.zeros(count + 1, int)
    lesion_of[regions.ravel()] = lesions.ravel()
    return lesion_of


def runs_of(voxels: np.ndarray) -> list[list[int]]:
    """Write sorted flat indices as runs ``[first, length]``."""
    voxels = np.asarray(voxels, np.int64)
    if not voxels.size:
        return []
    parts = np.split(voxels, np.flatnonzero(np.diff(voxels) != 1) + 1)
    return [[int(part[0]), len(part)] for part in parts]


def voxels_of(runs: list[list[int]], size: int) -> np.ndarray:
    """Give the flat indices of runs; `InputError` where one is empty, leaves the volume, or overlaps the one before."""
    end = 0
    for first, length in runs:
        if length < 1 or first < end or first + length > size:
            raise InputError(f"the run [{first}, {length}] is empty, out of order or outside the volume")
        end = first + length
    return np.concatenate([np.arange(first, first + length) for first, length in runs] or [np.zeros(0, int)])


def difference(kept: np.ndarray, preliminary: np.ndarray, connectivity: int = 8, reasons: np.ndarray | None = None):
    """List what is gone from a preliminary segmentation: the inverse of `applying.apply_record`.

    Parameters
    ----------
    kept, preliminary : (slices, rows, columns) array
        Foreground is above 0; what `kept` has outside the preliminary segmentation does not count.
    connectivity : int
        Of regions within a slice.
    reasons : (slices, rows, columns) array, optional
        1 to 5 where a voxel was removed for the reason of that place in `REASONS`.

    Returns
    -------
    removed, cuts : list of dict
        As in the record, by region, then reason.
    """
    regions, count = label_regions(preliminary, connectivity)
    regions, gone = regions.ravel(), ((np.asarray(preliminary) > 0) & ~(np.asarray(kept) > 0)).ravel()
    why = np.zeros(regions.size, int) if reasons is None else np.asarray(reasons).ravel()
    names = np.array([UNSTATED, *REASONS])
    cut = {int(voxel): str(names[why[voxel]]) for voxel in np.flatnonzero(gone)}
    return settled({}, cut, regions, np.bincount(regions, minlength=count + 1))


def settled(removed: dict[int, str], cut: dict[int, str], regions: np.ndarray, size: np.ndarray):
    """Bring removed regions and cut voxels into the record's form.

    A region of which nothing is left is removed, for the reason of most of its voxels; a region that is removed has no
    cuts.

    Parameters
    ----------
    removed : dict
        Reason by region.
    cut : dict
        Reason by flat voxel index.
    regions : (voxels,) array
        Region of each voxel.
    size : (regions + 1,) array
        Voxels of each region.

    Returns
    -------
    removed, cuts : list of dict
    """
    parts: dict[int, dict[str, list[int]]] = {}
    for voxel in sorted(cut):
        parts.setdefault(int(regions[voxel]), {}).setdefault(cut[voxel], []).append(voxel)
    whole, order = dict(removed), (*REASONS, UNSTATED)
    for region, by_reason in parts.items():
        if region not in removed and sum(map(len, by_reason.values())) == size[region]:
            whole[region] = min(by_reason, key=lambda reason: (-len(by_reason[reason]), order.index(reason)))
    cuts = [
        {"region": region, "reason": reason, "runs": runs_of(parts[region][reason])}
        for region in sorted(parts)
        if region not in whole
        for reason in sorted(parts[region], key=order.index)
    ]
    return [{"region": region, "reason": whole[region]} for region in sorted(whole)], cuts


def counts_of(labels: np.ndarray, connectivity: int = 8, regions: np.ndarray | None = None) -> dict:
    """Count what is left, as the record's `result`; regions are those of the preliminary segmentation."""
    numbers = label_regions(labels, connectivity)[0] if regions is None else regions
    return {
        "lower_only_voxels": int(np.count_nonzero(labels == LOWER)),
        "upper_voxels": int(np.count_nonzero(labels == UPPER)),
        "regions_kept": int(np.unique(numbers[(labels > 0) & (numbers > 0)]).size),
    }
