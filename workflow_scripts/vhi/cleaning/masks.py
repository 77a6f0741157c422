"""Step (vi): turn a cleaned mask into a record, say what a record removed, and measure V_HI (paper, 2.5.4)."""

import itertools

import numpy as np

from vhi.cleaning.records import REASONS, SCHEMA, counts_of, difference, runs_of, sealed
from vhi.inflammation import LOWER, UPPER, label_regions
from vhi.io.errors import InputError

REASON_LABELS = {UPPER + number: reason for number, reason in enumerate(REASONS, 1)}
"""Labels 3 to 7 of a mask: removed, and why. Who cleans in a viewer may paint them instead of erasing."""


def record_of_mask(
    cleaned: np.ndarray,
    preliminary: np.ndarray,
    connectivity: int = 8,
    added_voxels: str = "refuse",
    max_cut_share: float = 0.5,
    max_added_share: float = 0.1,
) -> dict:
    """Turn a cleaned mask into the record of its cleaning, or refuse it.

    Parameters
    ----------
    cleaned : (slices, rows, columns) array
        0 and 1 (kept), or the labels 0, 1, 2 of the preliminary segmentation; 3 to 7 mean removed, with the reason of
        `REASON_LABELS`.
    preliminary : (slices, rows, columns) array
        Labels 0, 1, 2, on the same grid.
    connectivity : int
        Of regions within a slice.
    added_voxels : {"refuse", "report"}
        What to do with voxels outside the preliminary segmentation. Reported ones are kept, with the label they have,
        or 1 in a mask without labels.
    max_cut_share : float
        Largest share of the kept regions that may be cut in part. Readers remove regions whole (paper, 2.5.4); a mask
        that cuts most regions was made from another preliminary segmentation. Up to three cut regions pass whatever
        their share, unless it is 0.
    max_added_share : float
        Largest share of the mask's voxels that may be added where they are reported.

    Returns
    -------
    dict
        A record (``config/schemas/record.schema.yaml``) of source ``mask``.

    Raises
    ------
    InputError
        If voxels were added (a flip is found and named), labels changed, or too many regions were cut.
    """
    kept, before = (cleaned > 0) & (cleaned <= UPPER), preliminary > 0
    outside = kept & ~before
    added = int(np.count_nonzero(outside))
    if added and (axes := _flip_that_fits(kept, before)):
        raise InputError(
            f"the mask is flipped along {axes}: as it is, {added} voxels lie outside the preliminary segmentation, "
            "flipped back, (nearly) none; export it with the orientation of the preliminary segmentation"
        )
    if added > max_added_share * kept.sum() and added_voxels == "report":
        raise InputError(
            f"{added} of {int(kept.sum())} voxels lie outside the preliminary segmentation (allowed: a share of "
            f"{max_added_share:g}): the mask was made from another one; clean the current one, or raise "
            "cleaning.max_added_share"
        )
    if added and added_voxels == "refuse":
        raise InputError(
            f"{added} of {int(kept.sum())} voxels lie outside the preliminary segmentation: cleaning only removes. "
            "Remove them, start again from the current preliminary segmentation if the mask was made from an older one, "
            "or set cleaning.added_voxels: report to keep and count them"
        )
    labelled = bool((cleaned == UPPER).any())
    changed = int(np.count_nonzero(kept & before & (cleaned != preliminary))) if labelled else 0
    if changed:
        raise InputError(
            f"{changed} voxels have another label than in the preliminary segmentation (1 lower limit, 2 upper limit): "
            "cleaning only removes; was the mask made from another preliminary segmentation?"
        )
    regions, count = label_regions(preliminary, connectivity)
    removed, cuts = difference(kept, preliminary, connectivity, np.where(cleaned > UPPER, cleaned - UPPER, 0))
    cut, touched = len({item["region"] for item in cuts}), count - len(removed)
    # A share of few regions says little: three cut regions are what a careful reader may leave in a small scan.
    if cut > max(3 if max_cut_share else 0, max_cut_share * touched):
        raise InputError(
            f"{cut} of the {touched} kept regions are cut in part (allowed: {max_cut_share:g} of them): the mask was "
            "made from another preliminary segmentation; clean the current one, or raise cleaning.max_cut_share"
        )
    labels = np.where(kept, np.where(before, preliminary, np.where(cleaned == UPPER, UPPER, LOWER)), 0)
    return sealed(
        {
            "schema": SCHEMA,
            "source": "mask",
            "pack": None,
            "grid": list(preliminary.shape),
            "regions": count,
            "removed": removed,
            "cuts": cuts,
            "added": [
                {"label": label, "runs": runs_of(np.flatnonzero((outside & (labels == label)).ravel()))}
                for label in (LOWER, UPPER)
                if (outside & (labels == label)).any()
            ],
            "steps": [],
            "started": None,
            "finished": None,
            "active_ms": 0,
            "slices_seen": [],
            "notes": "",
            "result": counts_of(labels, connectivity, regions),
        }
    )


def describe_cleaning(record: dict, preliminary: np.ndarray, connectivity: int = 8) -> dict:
    """Say what a record did: regions before, removed whole, cut in part (slice, voxels before and kept), voxels added.

    Returns
    -------
    dict
        ``regions_before regions_removed regions_cut added_voxels``.
    """
    regions, count = label_regions(preliminary, connectivity)
    size = np.bincount(regions.ravel(), minlength=count + 1)
    gone: dict[int, int] = {}
    for cut in record["cuts"]:
        gone[cut["region"]] = gone.get(cut["region"], 0) + sum(length for _, length in cut["runs"])
    slice_of = np.zeros(count + 1, int)
    slice_of[regions] = np.arange(len(regions))[:, None, None]
    return {
        "regions_before": count,
        "regions_removed": len(record["removed"]),
        "regions_cut": [
            {
                "slice": int(slice_of[region]),
                "voxels_before": int(size[region]),
                "voxels_kept": int(size[region] - voxels),
            }
            for region, voxels in sorted(gone.items())
        ],
        "added_voxels": sum(length for added in record["added"] for _, length in added["runs"]),
    }


def _flip_that_fits(kept: np.ndarray, before: np.ndarray) -> str:
    """Name the axes along which a mask must be flipped to lie (but for a tenth) within the preliminary one, or ""."""
    names = ("slices", "rows", "columns")
    flips = [axes for number in (1, 2, 3) for axes in itertools.combinations(range(3), number)]
    outside = [np.count_nonzero(np.flip(kept, axes) & ~before) for axes in flips]
    best = int(np.argmin(outside))
    fits = 10 * outside[best] <= min(np.count_nonzero(kept), np.count_nonzero(kept & ~before))
    return " and ".join(names[axis] for axis in flips[best]) if fits else ""


def counted(labels: np.ndarray, limit: str) -> np.ndarray:
    """Voxels of a labelled segmentation that make V_HI: all at the lower limit, label 2 at the upper."""
    return labels > 0 if limit == "lower" else labels == UPPER


def measure(labels: np.ndarray, limit: str, connectivity: int = 8) -> dict:
    """Measure V_HI of a cleaned segmentation.

    Parameters
    ----------
    labels : (slices, rows, columns) array
        1 from the lower limit, 2 from the upper.
    limit : {"lower", "upper"}
        The limit that makes V_HI; the paper's primary analyses take the lower.
    connectivity : int
        Of regions within a slice.

    Returns
    -------
    dict
        ``vhi_voxels lower_only_voxels upper_voxels regions``.
    """
    lower_only, upper = int(np.count_nonzero(labels == LOWER)), int(np.count_nonzero(labels == UPPER))
    inflamed = counted(labels, limit)
    return {
        "vhi_voxels": int(np.count_nonzero(inflamed)),
        "lower_only_voxels": lower_only,
        "upper_voxels": upper,
        "regions": label_regions(inflamed, connectivity)[1],
    }
